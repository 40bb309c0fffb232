import MediaCore
import Testing

@Suite("Sizes of thumbnails")
struct ThumbnailSizeTests {
    @Test(
        "what is asked for is rounded up to a size that is made, and never beyond the largest",
        arguments: [
            (1, 1, ThumbnailMethod.crop, "crop-32x32"), (32, 32, .crop, "crop-32x32"), (33, 10, .crop, "crop-96x96"),
            (96, 96, .crop, "crop-96x96"), (97, 97, .crop, "scale-320x240"), (1, 1, .scale, "scale-320x240"),
            (320, 240, .scale, "scale-320x240"), (320, 241, .scale, "scale-640x480"), (641, 1, .scale, "scale-800x600"),
            (801, 601, .scale, "scale-800x600"), (Int.max, Int.max, .crop, "scale-800x600"),
        ])
    func covering(width: Int, height: Int, method: ThumbnailMethod, expected: String) {
        #expect(ThumbnailSize.covering(width: width, height: height, method: method).description == expected)
    }

    @Test("a size is read from its own text and from nothing else")
    func text() {
        for size in ThumbnailSize.all { #expect(ThumbnailSize(size.description) == size) }
        for text in ["", "crop-97x97", "scale-320x240 ", "CROP-32x32"] { #expect(ThumbnailSize(text) == nil) }
    }

    @Test(
        "scaling keeps the whole image and its shape, inside the size, and enlarges nothing",
        arguments: [
            (640, 480, 320, 240), (1000, 1000, 240, 240), (4000, 1000, 320, 80), (1000, 4000, 60, 240), (100, 50, 100, 50),
            (100_000, 1, 320, 1), (1, 100_000, 1, 240), (320, 240, 320, 240), (321, 240, 320, 239),
        ])
    func scaling(width: Int, height: Int, targetWidth: Int, targetHeight: Int) {
        let cut = ThumbnailSize.covering(width: 320, height: 240, method: .scale).cut(ofWidth: width, height: height)
        #expect(
            cut
                == ThumbnailCut(
                    x: 0, y: 0, width: width, height: height, targetWidth: targetWidth, targetHeight: targetHeight))
    }

    @Test(
        "cropping takes the middle in the wanted shape, and enlarges nothing",
        arguments: [
            (960, 480, ThumbnailCut(x: 240, y: 0, width: 480, height: 480, targetWidth: 96, targetHeight: 96)),
            (480, 960, ThumbnailCut(x: 0, y: 240, width: 480, height: 480, targetWidth: 96, targetHeight: 96)),
            (50, 200, ThumbnailCut(x: 0, y: 75, width: 50, height: 50, targetWidth: 50, targetHeight: 50)),
            (1, 1, ThumbnailCut(x: 0, y: 0, width: 1, height: 1, targetWidth: 1, targetHeight: 1)),
        ])
    func cropping(width: Int, height: Int, expected: ThumbnailCut) {
        #expect(ThumbnailSize.covering(width: 96, height: 96, method: .crop).cut(ofWidth: width, height: height) == expected)
    }
}
