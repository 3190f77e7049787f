import Diagnostics
import Support
import YAML

extension Diagnostic.Code {
    static let unknownKey = Self(rawValue: "unknown-key")
    static let missingKey = Self(rawValue: "missing-key")
    static let wrongType = Self(rawValue: "wrong-type")
    static let badValue = Self(rawValue: "bad-value")
    static let badName = Self(rawValue: "bad-name")
    static let repeated = Self(rawValue: "repeated")
}

/// Checks a spec against its shape and reports each mismatch once.
struct ShapeChecker {
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []
    private var hints = NameHints()

    /// Reports what in `node` does not fit `shape`.
    mutating func check(_ node: YAMLNode, _ shape: Shape, key: String) {
        switch shape {
        case .text: if node.text == nil { mismatch(node, key, "text", quote: true) }
        case .filledText:
            check(node, .text, key: key)
            if node.text == "" { diagnostics.append(node.error(.badValue, "\(key) is empty")) }
        case .pattern(let pattern): checkPattern(node, pattern, key)
        case .choice(let words): checkChoice(node, words, key)
        case .constant(let number): checkConstant(node, number, key)
        case .boolean: if case .bool = node.value {} else { mismatch(node, key, "true or false") }
        case .toggle: if node.flag == nil { checkChoice(node, ["on", "off"], key) }
        case .number(let range): checkNumber(node, range, key)
        case .scalarText: if node.scalarText == nil { mismatch(node, key, "text", quote: true) }
        case .identifier: checkIdentifier(node, key)
        case .list(let element): checkList(node, element, key)
        case .oneOrList(let element):
            if case .sequence = node.value {
                checkList(node, element, key)
            } else {
                check(node, element, key: key)
            }
        case .oneOrMany(let element):
            check(node, .oneOrList(element), key: key)
            if node.items?.isEmpty == true { diagnostics.append(node.error(.badValue, "\(key) is empty")) }
        case .map(let keyPattern, let value): checkMap(node, keyPattern, key) { _ in value }
        case .patternMap(let keyPattern, let value, let patternValue):
            checkMap(node, keyPattern, key) { FilePattern.isPattern($0) ? patternValue : value }
        case .object(let object): checkObject(node, object, key)
        case .pathOrObjects:
            for item in node.items ?? [] where item.entries == nil { mismatch(item, key, "mappings") }
            if node.items == nil, node.text == nil { mismatch(node, key, "a path or a list") }
        case .keyPath: checkKeyPath(node, key)
        case .pathOrObject:
            if node.entries == nil, node.text == nil { mismatch(node, key, "a path or a mapping") }
        }
    }

    private mutating func checkPattern(_ node: YAMLNode, _ pattern: TextPattern, _ key: String) {
        guard let text = node.text else { return mismatch(node, key, "text", quote: true) }
        if let problem = pattern.problem(text) {
            diagnostics.append(node.error(.badName, problem, help: pattern.hint(text)))
        }
    }

    private mutating func checkKeyPath(_ node: YAMLNode, _ key: String) {
        guard let items = node.items, !items.isEmpty else {
            return checkPattern(node, .keyPath, key)
        }
        for item in items where item.scalarText == nil { mismatch(item, key, "text", quote: true) }
    }

    private mutating func checkIdentifier(_ node: YAMLNode, _ key: String) {
        if node.wholeNumber != nil { return }
        checkPattern(node, .identifier, key)
    }

    private mutating func checkChoice(_ node: YAMLNode, _ words: [String], _ key: String) {
        if let text = node.text, words.contains(text) { return }
        diagnostics.append(
            node.noChoice(key, of: words, help: node.text.flatMap { hints.didYouMean($0, in: words) }))
    }

    private mutating func checkConstant(_ node: YAMLNode, _ number: Int, _ key: String) {
        guard node.wholeNumber != String(number) else { return }
        diagnostics.append(
            node.error(
                .badValue, "\(key) must be \(number)",
                help: "this promptreg reads version \(number) of the job spec"))
    }

    private mutating func checkNumber(_ node: YAMLNode, _ range: NumberRange, _ key: String) {
        guard case .number(let number) = node.plain else { return mismatch(node, key, range.description) }
        if !(Double(number).map(range.contains) ?? false) {
            diagnostics.append(node.error(.badValue, "\(key) must be \(range.description)"))
        }
    }

    private mutating func checkList(_ node: YAMLNode, _ element: Shape, _ key: String) {
        guard case .sequence(let items) = node.value else {
            let isPlain = node.text?.allSatisfy { $0.isLetter || $0.isNumber || "_-., ".contains($0) }
            let help = isPlain == true ? node.text.map { "write \(key): [\($0)]" } : nil
            return mismatch(node, key, "a list", help: help)
        }
        var seen: Set<String> = []
        for item in items {
            check(item, element, key: key)
            if item.entries == nil, items.count > 1,
                !seen.insert(item.text.map { "\"" + $0 } ?? item.plain.serialized).inserted
            {
                let value = item.text.map { "'\($0)'" } ?? "value"
                diagnostics.append(item.error(.repeated, "duplicate \(value) in \(key)"))
            }
        }
    }

    private mutating func checkMap(
        _ node: YAMLNode, _ keyPattern: TextPattern, _ key: String, _ value: (String) -> Shape
    ) {
        guard let entries = node.entries else { return mismatch(node, key, "a mapping") }
        for entry in entries {
            if let problem = keyPattern.problem(entry.key) {
                let help =
                    key == "prompts" && entry.key.contains("/")
                    ? "give it a name, and the file's path to 'file'" : nil
                diagnostics.append(entry.keyError(.badName, problem, help: help))
            }
            check(entry.value, value(entry.key), key: entry.key)
        }
    }

    private mutating func checkObject(_ node: YAMLNode, _ object: ObjectShape, _ key: String) {
        guard let entries = node.entries else { return mismatch(node, key, "a mapping") }
        if object.isFilled, entries.isEmpty {
            let keys = object.fields.map(\.key).joined(separator: ", ")
            diagnostics.append(node.error(.badValue, "\(key) is empty", help: "the keys are \(keys)"))
        }
        for entry in entries {
            if let field = object.field(entry.key) {
                check(entry.value, field.shape, key: entry.key)
            } else if !object.isOpen {
                let keys = object.fields.map(\.key)
                diagnostics.append(
                    entry.unknownKey(
                        in: object,
                        help: hints.didYouMean(entry.key, in: keys)
                            ?? "the keys are \(keys.joined(separator: ", "))"))
            } else if let hint = object.synonyms[entry.key].map({ "did you mean '\($0)'?" })
                ?? didYouMean(entry.key, in: object.fields.map(\.key))
            {
                diagnostics.append(
                    entry.keyWarning(
                        .unknownKey, "'\(entry.key)' is no key of \(object.what) that MLflow knows",
                        help: hint))
            }
        }
        for field in object.fields where field.isRequired && !entries.contains(where: { $0.key == field.key })
        {
            diagnostics.append(
                .error(
                    .missingKey, "\(object.what) needs the key '\(field.key)'", at: node.location,
                    help: field.description))
        }
    }

    private mutating func mismatch(
        _ node: YAMLNode, _ key: String, _ wanted: String, quote: Bool = false, help: String? = nil
    ) {
        let isScalar = node.entries == nil && node.items == nil && node.value != .null
        diagnostics.append(
            node.error(
                .wrongType, "\(key) must be \(wanted), not \(node.kindName)",
                help: quote && isScalar ? "put it in quotes to keep it as it is written" : help))
    }
}
