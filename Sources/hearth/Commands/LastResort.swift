import Dispatch
import Foundation
import Logging
import MatrixModel

/// Ends the process of a shutdown that takes too long: clients are refused for as long as the next server cannot start.
///
/// Nothing that was acknowledged can be lost: it is on the disk. A request that outlives its cancellation, or the end of 19,000
/// connections' tasks, is nothing to wait for.
enum LastResort {
    static func endProcess(after time: Duration, logger: Logger) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(time.wholeMilliseconds))) {
            logger.warning("some requests did not end in time and were cut off")
            _exit(0)
        }
    }
}
