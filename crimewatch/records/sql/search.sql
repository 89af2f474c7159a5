-- Text as it is searched and sorted: no accents, lower case. Written with BEGIN ATOMIC, so that the references are resolved
-- once, here: a stored generated column calls these functions, and pg_restore runs with an empty search_path.
CREATE FUNCTION crimewatch_fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        SELECT lower(unaccent('unaccent'::regdictionary, value));
    END;

-- One searchable text of a name, its aliases and any codes or other texts, a line each.
CREATE FUNCTION crimewatch_search_key(name text, aliases text[], VARIADIC codes text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT crimewatch_fold(
            concat_ws(E'\n', name, nullif(array_to_string(aliases, E'\n'), ''), nullif(array_to_string(codes, E'\n'), ''))
        );
    END;
