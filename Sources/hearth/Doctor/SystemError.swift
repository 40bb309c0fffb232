import Foundation

/// The system's numbers of what keeps a program from listening.
enum SystemError {
    static let addressInUse = EADDRINUSE
    static let notPermitted = EACCES
}
