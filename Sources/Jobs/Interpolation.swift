import Diagnostics
import Support
import YAML

extension Diagnostic.Code {
    static let undeclaredVariable = Self(rawValue: "undeclared-variable")
    static let unsetVariable = Self(rawValue: "unset-variable")
    static let badInterpolation = Self(rawValue: "bad-interpolation")
}

/// Puts the values of variables in the place of `${var.NAME}`, all over a spec.
///
/// That is the only interpolation there is, and `$${` is a literal `${`.
struct Interpolation {
    /// How many bytes the values may come to over a whole spec, so that a long one used often stays harmless.
    private static let limit = 8 << 20

    /// The value of each declared variable; nil where there is none.
    let values: [String: String?]
    private var expandedBytes = 0
    /// What was found.
    private(set) var diagnostics: [Diagnostic] = []

    init(values: [String: String?]) { self.values = values }

    /// The text that stands for `text` in a spec.
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

    /// The node with each text interpolated; keys stay as they are.
    mutating func resolve(_ node: YAMLNode) -> YAMLNode {
        var result = node
        switch node.value {
        case .string(let text) where text.utf8.contains(UInt8(ascii: "$")):
            result.value = .string(resolve(text, in: node))
        case .sequence(let items):
            result.value = .sequence(items.map { resolve($0) })
        case .mapping(let entries):
            result.value = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.value = resolve(entry.value)
                    return entry
                })
        default: break
        }
        return result
    }

    /// A spec with everything interpolated but the places where variables get their values.
    mutating func resolveJob(_ root: YAMLNode) -> YAMLNode {
        guard case .mapping(let entries) = root.value else { return root }
        var result = root
        result.value = .mapping(
            entries.map { entry in
                var entry = entry
                switch entry.key {
                case "variables": break
                case "targets": entry.value = resolveTargets(entry.value)
                default: entry.value = resolve(entry.value)
                }
                return entry
            })
        return result
    }

    private mutating func resolveTargets(_ targets: YAMLNode) -> YAMLNode {
        guard case .mapping(let entries) = targets.value else { return targets }
        var result = targets
        result.value = .mapping(
            entries.map { entry in
                guard case .mapping(let settings) = entry.value.value else { return entry }
                var entry = entry
                entry.value.value = .mapping(
                    settings.map { setting in
                        guard setting.key != "variables" else { return setting }
                        var setting = setting
                        setting.value = resolve(setting.value)
                        return setting
                    })
                return entry
            })
        return result
    }

    private mutating func resolve(_ text: String, in node: YAMLNode) -> String {
        // By bytes: with an accent behind it, a '}' is not the Character that it looks like.
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
                    report(.badInterpolation, "'${' without its '}'", node)
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
            report(.badInterpolation, "'${\(reference)}' is not known", node, help: "write ${var.NAME}")
            return ""
        }
        let name = String(reference.dropFirst(4))
        guard let value = values[name] else {
            let near = nearestName(to: name, in: values.keys.sorted())
            report(
                .undeclaredVariable, "the variable '\(name)' is not declared", node,
                help: near.map { "did you mean '\($0)'?" } ?? "declare it under 'variables'")
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
                .badInterpolation, "the values of variables come to more than \(Self.limit >> 20) MiB", node,
                help: "'\(name)' has \(value.utf8.count) bytes; use it less often, or make it shorter")
        }
        return ""
    }

    private mutating func report(
        _ code: Diagnostic.Code, _ message: String, _ node: YAMLNode, help: String? = nil
    ) {
        let help = help ?? "a literal '${' is written '$${'"
        diagnostics.append(.error(code, message, at: node.location, length: node.length, help: help))
    }
}
