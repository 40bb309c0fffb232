/// A body came too slowly, or in too many pieces: 408.
struct SenderTooSlow: Error {}
