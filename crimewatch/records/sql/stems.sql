-- Word families in English and Spanish: a text is reduced to the stems of its words in both languages, whichever it is in,
-- without accents. Written with BEGIN ATOMIC, as search.sql is, and for the same reason.

-- A tsvector holds at most a megabyte. What lies beyond the first hundred thousand letters is not searched.
CREATE OR REPLACE FUNCTION crimewatch_stems(value text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        -- Most claims have no words of their own. OFFSET 0 keeps the planner from folding the text once for each language.
        SELECT CASE
            WHEN value = '' THEN ''::tsvector
            ELSE to_tsvector('english'::regconfig, folded) || to_tsvector('spanish'::regconfig, folded)
        END
        FROM (SELECT left(crimewatch_fold(value), 100000) AS folded OFFSET 0) AS text;
    END;

-- The stems of a record: those of its name and aliases weigh A, those of its other texts D.
CREATE OR REPLACE FUNCTION crimewatch_record_stems(name text, aliases text[], VARIADIC texts text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT setweight(crimewatch_stems(concat_ws(E'\n', name, array_to_string(aliases, E'\n'))), 'A')
            || crimewatch_stems(concat_ws(E'\n', array_to_string(texts, E'\n')));
    END;

-- The stems of a claim. There are very many claims, so they are kept without their places.
CREATE OR REPLACE FUNCTION crimewatch_claim_stems(VARIADIC texts text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT strip(crimewatch_stems(concat_ws(E'\n', array_to_string(texts, E'\n'))));
    END;

-- What finds a word, its family in either language, and words that begin with its letters where there are three or more.
CREATE OR REPLACE FUNCTION crimewatch_stem_query(word text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        SELECT plainto_tsquery('english'::regconfig, crimewatch_fold(word))
            || plainto_tsquery('spanish'::regconfig, crimewatch_fold(word))
            || CASE
                WHEN length(word) > 2
                THEN ('''' || replace(replace(crimewatch_fold(word), '\', '\\'), '''', '''''') || ''':*')::tsquery
                ELSE ''::tsquery
            END;
    END;
