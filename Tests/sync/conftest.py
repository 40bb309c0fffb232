from hearth_fixtures import hearth, start_hearth  # noqa: F401
