/// Writes values as JSON, laid out as Python's `json.dumps(value, ensure_ascii=False)` does it.
struct JSONWriter {
    private var output: [UInt8] = []

    /// The value as JSON.
    static func text(_ value: YAMLValue) -> String {
        var writer = JSONWriter()
        writer.output.reserveCapacity(256)
        writer.write(value)
        return String(decoding: writer.output, as: UTF8.self)
    }

    private mutating func write(_ value: YAMLValue) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
        case .int(let int): output.append(contentsOf: String(int).utf8)
        case .float(let float):
            output.append(contentsOf: (float.isFinite ? float.shortestText : "null").utf8)
        case .string(let text): write(text)
        case .sequence(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(contentsOf: ", ".utf8) }
                write(item)
            }
            output.append(UInt8(ascii: "]"))
        case .mapping(let pairs):
            output.append(UInt8(ascii: "{"))
            for (index, pair) in pairs.enumerated() {
                if index > 0 { output.append(contentsOf: ", ".utf8) }
                write(pair.key)
                output.append(contentsOf: ": ".utf8)
                write(pair.value)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case 0..<0x20:
                output.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
                output.append(contentsOf: String(byte, radix: 16).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension Double {
    /// The shortest text that reads back as this number, with an exponent where Python's `repr` has one.
    ///
    /// Swift's own description differs from 2^53 to 10^16, where every number is whole.
    var shortestText: String {
        let size = magnitude
        return size >= 0x1p53 && size < 1e16 ? "\(Int(self)).0" : description
    }
}
