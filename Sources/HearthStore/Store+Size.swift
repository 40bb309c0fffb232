import Foundation

extension Store {
    /// How many bytes the database takes on the disk now, its write-ahead log included.
    public func bytesOnDisk() -> Int {
        ["hearth.db", "hearth.db-wal"].reduce(0) { sum, name in
            var status = stat()
            return stat(directory + "/" + name, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }
}
