extension TemplateSyntax {
    /// A registered text as a file writes it from which just that text is registered.
    ///
    /// - Parameter text: The text, in MLflow's form.
    /// - Returns: The text in this syntax.
    package func written(_ text: String) -> String {
        guard self == .python else { return text }
        let source = Source(text)
        return source.pythonFormat(variables: source.mustacheMatches()).text
    }
}

extension Source {
    /// A registered text in the form of Python's `str.format`: its braces are doubled but for those of variables.
    ///
    /// - Parameter variables: Where its variables are.
    /// - Returns: The text, and whether a brace was doubled.
    func pythonFormat(variables: [MustacheMatch]) -> (text: String, doublesBraces: Bool) {
        var output: [UInt8] = []
        var (end, doublesBraces) = (0, false)
        func appendLiteral(_ range: Range<Int>) {
            for byte in bytes[range] {
                output.append(byte)
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
                    output.append(byte)
                    doublesBraces = true
                }
            }
        }
        for variable in variables {
            appendLiteral(end..<variable.range.lowerBound)
            output += "{\(text(variable.name))}".utf8
            end = variable.range.upperBound
        }
        appendLiteral(end..<bytes.count)
        return (String(decoding: output, as: UTF8.self), doublesBraces)
    }
}
