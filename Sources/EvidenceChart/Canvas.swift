internal import CCairo

/// A picture in memory that is drawn on with cairo: this target's unsafe code, fenced.
///
/// Owned by one caller at a time; the thread that made it draws on it and lets it go.
@safe final class Canvas {
    enum Align { case left, middle, right }

    struct Color {
        var red, green, blue: Double
        var alpha = 1.0

        /// `0x1F4E79`.
        init(_ hex: UInt32, alpha: Double = 1) {
            red = Double(hex >> 16 & 0xFF) / 255
            green = Double(hex >> 8 & 0xFF) / 255
            blue = Double(hex & 0xFF) / 255
            self.alpha = alpha
        }
    }

    private let surface: OpaquePointer
    private let context: OpaquePointer
    /// Without any font on the machine the chart has no words, and is drawn all the same.
    let canWrite: Bool

    /// - Returns: nil when there is no memory for so many points.
    init?(width: Int, height: Int, scale: Double) {
        // cairo never answers nil: what went wrong is said by the object's status.
        guard let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
            return nil
        }
        guard unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS,
            let context = unsafe cairo_create(surface)
        else {
            unsafe cairo_surface_destroy(surface)
            return nil
        }
        unsafe (self.surface, self.context) = (surface, context)
        unsafe cairo_scale(context, scale, scale)
        canWrite = Self.hasFonts()
    }

    deinit {
        unsafe cairo_destroy(context)
        unsafe cairo_surface_destroy(surface)
    }

    /// A font that can't be found puts a context into an error that it never leaves: so this is tried on another one.
    private static func hasFonts() -> Bool {
        guard let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, 8, 8) else { return false }
        defer { unsafe cairo_surface_destroy(surface) }
        guard let context = unsafe cairo_create(surface) else { return false }
        defer { unsafe cairo_destroy(context) }
        unsafe cairo_select_font_face(context, family, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
        unsafe cairo_show_text(context, "0")
        return unsafe cairo_status(context) == CAIRO_STATUS_SUCCESS
    }

    /// fontconfig's name for whatever the machine has: DejaVu Sans on a plain Debian.
    private static let family = "sans-serif"

    // MARK: Drawing

    func fill(_ color: Color, x: Double, y: Double, width: Double, height: Double) {
        set(color)
        unsafe cairo_rectangle(context, x, y, width, height)
        unsafe cairo_fill(context)
    }

    /// A closed shape.
    func fill(_ color: Color, _ points: [(x: Double, y: Double)]) {
        guard points.count > 2 else { return }
        set(color)
        trace(points)
        unsafe cairo_close_path(context)
        unsafe cairo_fill(context)
    }

    func line(_ color: Color, width: Double, dash: [Double] = [], _ points: [(x: Double, y: Double)]) {
        guard !points.isEmpty else { return }
        set(color)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        unsafe cairo_set_line_cap(context, dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        unsafe cairo_set_dash(context, dash, Int32(dash.count), 0)
        trace(points)
        // A single point is a dot, with round ends.
        if points.count == 1 { unsafe cairo_line_to(context, points[0].x, points[0].y) }
        unsafe cairo_stroke(context)
    }

    func dot(_ color: Color, x: Double, y: Double, radius: Double) {
        set(color)
        unsafe cairo_arc(context, x, y, radius, 0, 2 * Double.pi)
        unsafe cairo_fill(context)
    }

    /// What `draw` draws beyond the rectangle is left out.
    func clipped(x: Double, y: Double, width: Double, height: Double, _ draw: () -> Void) {
        unsafe cairo_save(context)
        unsafe cairo_rectangle(context, x, y, width, height)
        unsafe cairo_clip(context)
        draw()
        unsafe cairo_restore(context)
    }

    private func trace(_ points: [(x: Double, y: Double)]) {
        unsafe cairo_new_path(context)
        for point in points { unsafe cairo_line_to(context, point.x, point.y) }
    }

    private func set(_ color: Color) {
        unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    }

    // MARK: Words

    /// Writes one line; `y` is its foot.
    func text(
        _ text: String, _ color: Color, size: Double, isBold: Bool = false, x: Double, y: Double, _ align: Align = .left
    ) {
        guard canWrite else { return }
        let width = align == .left ? 0 : width(of: text, size: size, isBold: isBold)
        let start = align == .left ? x : align == .middle ? x - width / 2 : x - width
        select(size, isBold)
        set(color)
        unsafe cairo_move_to(context, start, y)
        unsafe cairo_show_text(context, Self.showable(text))
    }

    func width(of text: String, size: Double, isBold: Bool = false) -> Double {
        guard canWrite else { return 0 }
        select(size, isBold)
        var extents = cairo_text_extents_t()
        unsafe cairo_text_extents(context, Self.showable(text), &extents)
        return extents.x_advance
    }

    /// Lines of at most `width`, `most` of them; what does not fit ends in an ellipsis.
    func wrapped(_ text: String, size: Double, isBold: Bool = false, width: Double, most: Int) -> [String] {
        var lines: [String] = []
        var rest = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)[...]
        while let first = rest.first, lines.count < most {
            var line = first
            rest = rest.dropFirst()
            while let next = rest.first, self.width(of: "\(line) \(next)", size: size, isBold: isBold) <= width {
                line += " \(next)"
                rest = rest.dropFirst()
            }
            lines.append(line)
        }
        if let last = lines.indices.last {
            if !rest.isEmpty { lines[last] += "…" }
            // A single long word, or the ellipsis, may still be too wide.
            while lines[last].count > 2, self.width(of: lines[last], size: size, isBold: isBold) > width {
                lines[last] = String(lines[last].dropLast(2)) + "…"
            }
        }
        return lines
    }

    private func select(_ size: Double, _ isBold: Bool) {
        unsafe cairo_select_font_face(
            context, Self.family, CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        unsafe cairo_set_font_size(context, size)
    }

    /// Text from outside may hold what is no glyph. A NUL would end it, and cairo gives up at what Unicode calls no
    /// character (U+FFFE, U+FFFF of each plane, U+FDD0–U+FDEF).
    private static func showable(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isNone = scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
            shown.append(scalar.value < 32 || scalar.value == 127 ? " " : isNone ? "\u{FFFD}" : scalar)
        }
        return String(shown)
    }

    // MARK: The picture

    /// The bytes of a PNG; nil if anything went wrong while it was drawn.
    func png() -> [UInt8]? {
        guard unsafe cairo_status(context) == CAIRO_STATUS_SUCCESS else { return nil }
        let bytes = Bytes()
        let status = withExtendedLifetime(bytes) {
            unsafe cairo_surface_write_to_png_stream(
                surface,
                { closure, data, count in
                    guard let closure = unsafe closure, let data = unsafe data else { return CAIRO_STATUS_WRITE_ERROR }
                    unsafe Unmanaged<Bytes>.fromOpaque(closure).takeUnretainedValue().bytes.append(
                        contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
                    return CAIRO_STATUS_SUCCESS
                }, Unmanaged.passUnretained(bytes).toOpaque())
        }
        return status == CAIRO_STATUS_SUCCESS ? bytes.bytes : nil
    }

    /// Where cairo's writer leaves the picture.
    private final class Bytes {
        var bytes: [UInt8] = []
    }
}
