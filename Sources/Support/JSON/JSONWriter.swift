extension JSONValue {
    /// The value on one line, as Python's `json.dumps(value, ensure_ascii=False)` lays it out.
    ///
    /// JSON has no infinity and no NaN: they become `null`.
    package var serialized: String {
        var writer = JSONWriter(isIndented: false, sortsKeys: false)
        writer.write(self, indentation: 0)
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// The value over several lines, with escapes for everything that could steer a terminal.
    ///
    /// - Parameter sortingKeys: Whether members are sorted by their keys.
    /// - Returns: The text, indented by two spaces a level, without a newline at its end.
    package func indented(sortingKeys: Bool = false) -> String {
        var writer = JSONWriter(isIndented: true, sortsKeys: sortingKeys)
        writer.write(self, indentation: 0)
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// The value over several lines, ended by a newline.
    package var document: String { indented() + "\n" }
}

/// Writes JSON in either of two layouts.
private struct JSONWriter {
    let isIndented: Bool
    let sortsKeys: Bool
    private(set) var output: [UInt8] = []

    init(isIndented: Bool, sortsKeys: Bool) {
        self.isIndented = isIndented
        self.sortsKeys = sortsKeys
    }

    mutating func write(_ value: JSONValue, indentation: Int) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let flag): output += (flag ? "true" : "false").utf8
        case .number(let text): output += (text.last?.isNumber == true ? text : "null").utf8
        case .string(let text): write(text)
        case .array(let items):
            write(items.map { (nil, $0) }, between: "[]", indentation)
        case .object(let members):
            let members = sortsKeys ? JSONValue.sorted(members) : members
            write(members.map { ($0.key, $0.value) }, between: "{}", indentation)
        }
    }

    private mutating func write(
        _ elements: [(key: String?, value: JSONValue)], between brackets: String, _ indentation: Int
    ) {
        output += brackets.utf8.prefix(1)
        for (index, element) in elements.enumerated() {
            if index > 0 { output += (isIndented ? "," : ", ").utf8 }
            breakLine(indentation + 2)
            if let key = element.key {
                write(key)
                output += ": ".utf8
            }
            write(element.value, indentation: indentation + 2)
        }
        if !elements.isEmpty { breakLine(indentation) }
        output += brackets.utf8.suffix(1)
    }

    private mutating func breakLine(_ indentation: Int) {
        guard isIndented else { return }
        output.append(UInt8(ascii: "\n"))
        // Deeply nested values would take a hundred times their size otherwise.
        output += repeatElement(UInt8(ascii: " "), count: min(indentation, 40))
    }

    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\"".utf8
            case "\\": output += "\\\\".utf8
            case "\n": output += "\\n".utf8
            case "\r": output += "\\r".utf8
            case "\t": output += "\\t".utf8
            case "\u{8}": output += "\\b".utf8
            case "\u{C}": output += "\\f".utf8
            case _ where scalar.value < 0x20 || (isIndented && scalar.steersTerminal):
                let digits = String(scalar.value, radix: 16)
                output += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
            default: output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
