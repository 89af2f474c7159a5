-- What finds a word and its family in either language. Without words that merely begin so: how many those are the planner
-- cannot tell, and takes half a per cent of a table for granted, for which it reads very many rows.
CREATE OR REPLACE FUNCTION crimewatch_stem_query(word text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        SELECT plainto_tsquery('english'::regconfig, crimewatch_fold(word))
            || plainto_tsquery('spanish'::regconfig, crimewatch_fold(word));
    END;
