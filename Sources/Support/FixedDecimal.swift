extension Double {
    /// The number with so many digits after the point.
    ///
    /// - Parameter digits: How many, at most 9.
    /// - Returns: The number; one that is too large for that as it is.
    package func fixed(_ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        guard isFinite, magnitude * scale < 1e15 else { return "\(self)" }
        let scaled = Int((magnitude * scale).rounded())
        let sign = self < 0 && scaled != 0 ? "-" : ""
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int(scale))
        if digits == 0 { return "\(sign)\(whole)" }
        let text = "\(rest)"
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - text.count) + text
    }
}
