import GRDB

/// How SQLite databases come to the present schema: the names of the migrations that were applied stand in the database.
extension Schema {
    static func makeMigrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { db in
                try migration.apply(Database(connection: SQLiteSession(db: db)))
            }
        }
        return migrator
    }

    static func age(of db: GRDB.Database) throws -> StoreExamination.SchemaAge {
        let migrator = makeMigrator()
        return try migrator.hasBeenSuperseded(db) ? .newer : try migrator.hasCompletedMigrations(db) ? .current : .older
    }
}
