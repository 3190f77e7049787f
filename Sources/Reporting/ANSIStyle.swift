/// Colours text for a terminal, or leaves it alone.
struct ANSIStyle: Sendable {
    /// The looks in use.
    enum Look: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    /// Whether to use ANSI colours.
    let isOn: Bool

    /// The text with a look.
    ///
    /// - Parameters:
    ///   - text: The text, which holds no control characters.
    ///   - look: The look; nil is plain.
    /// - Returns: The text, in escape sequences when colours are on.
    func callAsFunction(_ text: String, _ look: Look?) -> String {
        guard isOn, let look, !text.isEmpty else { return text }
        return "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m"
    }
}
