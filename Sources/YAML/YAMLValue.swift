/// A value without its place, for files that a program wrote.
package enum YAMLValue: Hashable, Sendable {
    /// Nothing.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A number; not equal to an `int` of the same size.
    case float(Double)
    /// Text.
    case string(String)
    /// A list.
    case sequence([YAMLValue])
    /// Keys and values in their order; two mappings with another order are not equal.
    case mapping([YAMLPair])
}

/// A key of a mapping with its value.
package struct YAMLPair: Hashable, Sendable {
    /// The key.
    package var key: String
    /// The value.
    package var value: YAMLValue

    /// A pair.
    package init(key: String, value: YAMLValue) {
        self.key = key
        self.value = value
    }
}

/// Why bytes are no YAML document that can be used.
package struct YAMLSyntaxError: Error, Hashable, Sendable {
    /// The line, from 1.
    package var line: Int
    /// The column in Unicode scalars, from 1.
    package var column: Int
    /// What is wrong, as a sentence without its full stop.
    package var message: String

    /// An error at a place.
    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }
}

extension YAMLValue {
    /// Reads one document within the default limits; an empty one is `null`.
    ///
    /// - Parameter bytes: The document, UTF-8.
    /// - Throws: The first thing that is wrong with it, duplicate keys and unknown tags included.
    package init(parsing bytes: [UInt8]) throws(YAMLSyntaxError) {
        let (root, problems) = YAMLParser.parse(bytes, file: "", limits: YAMLLimits())
        if let first = problems.first {
            throw YAMLSyntaxError(line: first.place.line, column: first.place.column, message: first.message)
        }
        self = root?.plain ?? .null
    }

    /// The value at a key of a mapping.
    ///
    /// Reading gives nil when there is no such key, or when this is no mapping. Writing replaces the value in
    /// its place or appends the pair, and nil removes it; `null` becomes a mapping, and on any other value
    /// writing does nothing.
    package subscript(key: String) -> YAMLValue? {
        get {
            guard case .mapping(let pairs) = self else { return nil }
            return pairs.first { $0.key == key }?.value
        }
        set {
            var pairs: [YAMLPair]
            switch self {
            case .mapping(let existing): pairs = existing
            case .null where newValue != nil: pairs = []
            default: return
            }
            // The array must have one owner, or every write would copy it.
            self = .null
            switch (pairs.firstIndex { $0.key == key }, newValue) {
            case (let index?, let value?): pairs[index].value = value
            case (let index?, nil): pairs.remove(at: index)
            case (nil, let value?): pairs.append(YAMLPair(key: key, value: value))
            case (nil, nil): break
            }
            self = .mapping(pairs)
        }
    }
}

extension YAMLValue {
    /// The value as block-style YAML that ends with a newline.
    ///
    /// Readers of YAML 1.1, such as PyYAML, and of YAML 1.2 read the same value back.
    package var yamlText: String { YAMLEmitter.text(self) }

    /// The same for people to read and edit: what has several lines is a literal block, as far as that can be.
    package var readableYAMLText: String { YAMLEmitter.text(self, writesBlocks: true) }

    /// The value as JSON on one line, keys in their order and text not escaped beyond what JSON asks for.
    ///
    /// A whole float keeps its `.0`. JSON has no infinity and no NaN: they become `null`.
    package var jsonText: String { JSONWriter.text(self) }
}
