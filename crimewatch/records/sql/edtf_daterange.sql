-- The days that a period in EDTF (ISO 8601-2, levels 0 and 1) may cover; NULL for text that is not one.
--
-- It derives the same days as crimewatch/records/edtf.py, which says what each form means; the tests compare
-- the two. Since a stored generated column and a CHECK are built on it:
--   * it never raises, so that a CHECK can name the rule that was broken;
--   * it calls pg_catalog alone, so that a dump restores under an empty search_path;
--   * it casts no text to a date, which would depend on DateStyle and not be immutable;
--   * it has no EXCEPTION block, which would cost a subtransaction a row and forbid parallel plans.
CREATE FUNCTION edtf_daterange(edtf text) RETURNS daterange
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- COLLATE "C": a nondeterministic collation of the column would make the pattern match fail.
    period text COLLATE "C" := edtf;
    slash integer := strpos(period, '/');
    written text COLLATE "C";
    first_year integer;
    last_year integer;
    month integer;
    day integer;
    first_day date;
    day_after date;
    range_start date;
    range_end date;
BEGIN
    FOR side IN 1 .. CASE WHEN slash = 0 THEN 1 ELSE 2 END LOOP
        IF slash = 0 THEN
            written := period;
        ELSE
            written := CASE side WHEN 1 THEN left(period, slash - 1) ELSE substr(period, slash + 1) END;
            CONTINUE WHEN written IN ('', '..');
        END IF;

        -- [0-9] and not \d, which also takes the digits of other scripts.
        IF written !~ ('^([0-9]{4}(-(0[1-9]|1[0-2])(-([0-3][0-9]|XX))?|-2[1-4]|-XX(-XX)?)?'
                       '|[0-9]{3}X|[0-9]{2}XX)[?~%]?$') THEN
            RETURN NULL;
        END IF;

        first_year := replace(left(written, 4), 'X', '0');
        last_year := replace(left(written, 4), 'X', '9');
        IF first_year < 1 OR last_year > 9998 THEN
            RETURN NULL;
        END IF;

        IF substr(written, 6, 1) NOT IN ('0', '1') THEN
            -- A year alone, a month that nobody knows, or a season, which may be any part of its year.
            first_day := make_date(first_year, 1, 1);
            day_after := make_date(last_year + 1, 1, 1);
        ELSE
            month := substr(written, 6, 2);
            first_day := make_date(first_year, month, 1);
            day_after := make_date(first_year + month / 12, month % 12 + 1, 1);
            IF substr(written, 9, 2) NOT IN ('', 'XX') THEN
                day := substr(written, 9, 2);
                IF day < 1 OR day > day_after - first_day THEN
                    RETURN NULL;
                END IF;
                first_day := first_day + (day - 1);
                day_after := first_day + 1;
            END IF;
        END IF;

        IF side = 1 THEN
            range_start := first_day;
        END IF;
        IF side = 2 OR slash = 0 THEN
            range_end := day_after;
        END IF;
    END LOOP;

    IF range_start IS NULL AND range_end IS NULL OR range_end <= range_start THEN
        RETURN NULL;
    END IF;
    RETURN daterange(range_start, range_end);
END;
$$;
