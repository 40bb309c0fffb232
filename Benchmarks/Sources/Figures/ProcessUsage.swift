import Foundation

/// What some processes have used of the machine so far, from /proc: their children that live are not in it.
public struct ProcessUsage {
    /// User and system time, in microseconds.
    public let cpu: Double
    /// Resident memory, in KiB.
    public let memory: Int

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    public static func now(of processes: [Int32]) throws -> ProcessUsage {
        var (cpu, memory) = (0.0, 0)
        for process in processes {
            cpu += try cpuTime(of: process)
            memory += try residentMemory(of: process)
        }
        return ProcessUsage(cpu: cpu, memory: memory)
    }

    private static func cpuTime(of process: Int32) throws -> Double {
        // In ticks of 10 ms, of all threads: a case has to last some seconds.
        let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        guard let end = stat.lastIndex(of: ")") else { throw Unreadable(path: "/proc/\(process)/stat") }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw Unreadable(path: "/proc/\(process)/stat")
        }
        return (user + system) / ticks * 1_000_000
    }

    private static func residentMemory(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else {
            throw Unreadable(path: "/proc/\(process)/status")
        }
        return Int(line.filter(\.isNumber)) ?? 0
    }

    /// A file of /proc that is not there or not as expected.
    struct Unreadable: Error { let path: String }
}
