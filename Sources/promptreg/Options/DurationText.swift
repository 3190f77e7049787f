extension Duration {
    /// The longest that can be asked for: nobody means more, and no sum of such times can overflow.
    private static let longestAsked = 7 * 86_400

    /// Reads a time as it is written on the command line.
    ///
    /// - Parameter text: A whole number above zero of seconds, or one with the unit `s`, `m` or `h`.
    /// - Returns: The time; nil when it is something else, or longer than a week.
    static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit: Int
        switch text[digits.endIndex...] {
        case "", "s": unit = 1
        case "m": unit = 60
        case "h": unit = 3600
        default: return nil
        }
        guard let number = Int(digits), 1...longestAsked / unit ~= number else { return nil }
        return .seconds(number * unit)
    }
}
