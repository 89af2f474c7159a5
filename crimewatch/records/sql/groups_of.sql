-- The names of the groups of logins that somebody is in. Asked only about the few records that are restricted, it costs
-- a query nothing to carry; a sub-select in its place would be planned for each kind of record that a claim names.
CREATE FUNCTION crimewatch_groups_of(login bigint) RETURNS varchar[] LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY(
        SELECT auth_group.name FROM auth_group JOIN auth_user_groups ON auth_group.id = auth_user_groups.group_id
        WHERE auth_user_groups.user_id = login
    );
END
$$;
