import Diagnostics
import Support
import YAML

extension Diagnostic.Code {
    static let undeclaredVariable = Self(rawValue: "undeclared-variable")
    static let unsetVariable = Self(rawValue: "unset-variable")
    static let badInterpolation = Self(rawValue: "bad-interpolation")
}

/// Replaces `${var.NAME}` by the variable's value throughout a spec; `$${` is a literal `${`.
struct Interpolation {
    /// How many bytes the inserted values may have in a whole spec, so that a long one used often stays harmless.
    private static let limit = 8 << 20

    /// The value of each declared variable; nil where there is none.
    let values: [String: String?]
    private var expandedBytes = 0
    private var hints = NameHints()
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []

    init(values: [String: String?]) { self.values = values }

    /// The text that a spec has to hold for `text` to come out of interpolation.
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{"), result.last == UInt8(ascii: "$") {
                result.append(UInt8(ascii: "$"))
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A spec with every text interpolated, except where variables get their values; keys stay as they are.
    mutating func resolveJob(_ job: YAMLNode) -> YAMLNode {
        job.mapValues { entry in
            switch entry.key {
            case "variables": entry.value
            case "targets":
                entry.value.mapValues { target in
                    target.value.mapValues { $0.key == "variables" ? $0.value : resolve($0.value) }
                }
            default: resolve(entry.value)
            }
        }
    }

    private mutating func resolve(_ node: YAMLNode) -> YAMLNode {
        var result = node.mapValues { resolve($0.value) }
        if let text = node.text, text.utf8.contains(UInt8(ascii: "$")) {
            result.value = .string(resolve(text, in: node))
        } else if let items = node.items {
            result.value = .sequence(items.map { resolve($0) })
        }
        return result
    }

    private mutating func resolve(_ text: String, in node: YAMLNode) -> String {
        // By bytes: a '}' that is followed by a combining accent is another Character.
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.starts(with: "$${".utf8) {
                result += "${".utf8
                rest = rest.dropFirst(3)
            } else if rest.starts(with: "${".utf8) {
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    report(.badInterpolation, "'${' has no closing '}'", node)
                    break
                }
                let reference = String(decoding: rest[(dollar + 2)..<end], as: UTF8.self)
                result += value(of: reference, node).utf8
                rest = rest[(end + 1)...]
            } else {
                result.append(UInt8(ascii: "$"))
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result + rest, as: UTF8.self)
    }

    private mutating func value(of reference: String, _ node: YAMLNode) -> String {
        guard reference.hasPrefix("var.") else {
            report(.badInterpolation, "unknown reference '${\(reference)}'", node, help: "write ${var.NAME}")
            return ""
        }
        let name = String(reference.dropFirst(4))
        guard let value = values[name] else {
            report(
                .undeclaredVariable, "the variable '\(name)' is not declared", node,
                help: hints.didYouMean(name, in: values.keys.sorted()) ?? "declare it under 'variables'")
            return ""
        }
        guard let value else {
            report(
                .unsetVariable, "the variable '\(name)' has no value", node,
                help: "pass --var \(name)=VALUE, set PROMPTREG_VAR_\(name), or give it a default")
            return ""
        }
        let wasWithin = expandedBytes <= Self.limit
        expandedBytes += value.utf8.count
        if expandedBytes <= Self.limit { return value }
        if wasWithin {
            report(
                .badInterpolation, "the values of variables expand to more than \(Self.limit >> 20) MiB",
                node,
                help: "'\(name)' has \(value.utf8.count) bytes; use it less often or shorten it")
        }
        return ""
    }

    private mutating func report(
        _ code: Diagnostic.Code, _ message: String, _ node: YAMLNode, help: String? = nil
    ) {
        diagnostics.append(node.error(code, message, help: help ?? "write a literal '${' as '$${'"))
    }
}
