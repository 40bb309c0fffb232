/// How a thumbnail is cut to its size.
public enum ThumbnailMethod: String, Sendable, CaseIterable {
    /// The middle of the image, in the shape that was asked for.
    case crop
    /// The whole image, in its own shape.
    case scale
}

/// One of the few sizes in which thumbnails are made: whatever a client asks for is rounded up to the next of them.
///
/// So an image has at most five thumbnails, and nobody can fill the disk with others.
/// [Thumbnails](https://spec.matrix.org/v1.16/client-server-api/#thumbnails).
public struct ThumbnailSize: Sendable, Hashable {
    public let method: ThumbnailMethod
    /// Pixels.
    public let width: Int
    public let height: Int

    /// The sizes that the spec recommends, the smaller ones first.
    public static let all = [
        Self(method: .crop, width: 32, height: 32), Self(method: .crop, width: 96, height: 96),
        Self(method: .scale, width: 320, height: 240), Self(method: .scale, width: 640, height: 480),
        Self(method: .scale, width: 800, height: 600),
    ]

    /// The smallest size that covers what was asked for; the largest one where none does. Larger crops are scaled: the client cuts.
    public static func covering(width: Int, height: Int, method: ThumbnailMethod) -> Self {
        let fitting = all.filter { $0.width >= width && $0.height >= height }
        return fitting.first { $0.method == method } ?? fitting.first { $0.method == .scale } ?? all[all.count - 1]
    }

    /// Which part of an image becomes a thumbnail of which size. An image is never enlarged.
    ///
    /// - Parameters:
    ///   - width: of the image as it is to be seen, in pixels, 1 or more; the height likewise.
    public func cut(ofWidth width: Int, height: Int) -> ThumbnailCut {
        switch method {
        case .scale:
            let isWhole = width <= self.width && height <= self.height
            // Compares the shapes without fractions.
            let isWide = width * self.height >= height * self.width
            let target: (width: Int, height: Int) =
                if isWhole {
                    (width, height)
                } else if isWide {
                    (self.width, max(1, height * self.width / width))
                } else {
                    (max(1, width * self.height / height), self.height)
                }
            return ThumbnailCut(x: 0, y: 0, width: width, height: height, targetWidth: target.width, targetHeight: target.height)
        case .crop:
            // The largest rectangle of the wanted shape inside of the image.
            let isWide = width * self.height >= height * self.width
            let cutWidth = isWide ? max(1, height * self.width / self.height) : width
            let cutHeight = isWide ? height : max(1, width * self.height / self.width)
            return ThumbnailCut(
                x: (width - cutWidth) / 2, y: (height - cutHeight) / 2, width: cutWidth, height: cutHeight,
                targetWidth: min(self.width, cutWidth), targetHeight: min(self.height, cutHeight))
        }
    }
}

extension ThumbnailSize: CustomStringConvertible {
    /// Such as `crop-96x96`: for file names and command lines.
    public var description: String { "\(method.rawValue)-\(width)x\(height)" }

    /// A size from its description.
    public init?(_ text: String) {
        guard let size = Self.all.first(where: { $0.description == text }) else { return nil }
        self = size
    }
}

/// A part of an image and the size to which it is brought, all in pixels.
public struct ThumbnailCut: Sendable, Equatable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int
    public var targetWidth: Int
    public var targetHeight: Int

    public init(x: Int, y: Int, width: Int, height: Int, targetWidth: Int, targetHeight: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.targetWidth = targetWidth
        self.targetHeight = targetHeight
    }
}
