extension TemplateSyntax {
    /// A registered text as a file writes it from which just that text is registered.
    ///
    /// - Parameter text: The text, in MLflow's form.
    /// - Returns: The text in this syntax.
    package func written(_ text: String) -> String {
        guard self == .python else { return text }
        let source = Source(text)
        var (output, end): ([UInt8], Int) = ([], 0)
        func appendLiteral(_ range: Range<Int>) {
            for byte in source.bytes[range] {
                output.append(byte)
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") { output.append(byte) }
            }
        }
        for match in source.mustacheMatches() {
            appendLiteral(end..<match.range.lowerBound)
            output += "{\(source.text(match.name))}".utf8
            end = match.range.upperBound
        }
        appendLiteral(end..<source.bytes.count)
        return String(decoding: output, as: UTF8.self)
    }
}
