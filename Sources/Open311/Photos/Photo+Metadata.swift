extension Photo {
    /// The same picture without what cameras and programs write beside it: where and when it was taken, with which device,
    /// by whom, its thumbnail. The pixels are not touched; colours and the way up stay as they are.
    ///
    /// What is kept is listed, so that what nobody has thought of is left out. Nil for a file that is not built as its
    /// format says: then nobody knows what is in it. What stands behind the picture's end is left out.
    ///
    /// - Complexity: O(bytes).
    public func withoutMetadata() -> Photo? {
        let cleaned =
            switch format {
            case .jpeg: JPEGFile.cleaned(bytes)
            case .png: PNGFile.cleaned(bytes)
            case .gif: GIFFile.cleaned(bytes)
            case .webp: WebPFile.cleaned(bytes)
            }
        return cleaned.flatMap { Photo(bytes: $0) }
    }
}
