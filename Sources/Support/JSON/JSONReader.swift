/// Something wrong with a JSON text.
package struct JSONError: Error, Hashable, Sendable {
    /// The kind of problem.
    package enum Kind: Hashable, Sendable {
        /// The text is not JSON.
        case syntax
        /// The bytes are not UTF-8.
        case encoding
        /// The text exceeds a limit.
        case limit
        /// An object has a key twice.
        case duplicateKey
    }

    /// The kind of problem.
    package var kind: Kind
    /// What is wrong, as a sentence without its full stop.
    package var message: String
    /// Where.
    package var position: TextPosition
    /// How many Unicode scalars from there on it is about.
    package var length = 1
}

extension JSONValue {
    /// Reads JSON (RFC 8259).
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limits: How large it may be.
    /// - Throws: The first problem in it, duplicate keys included.
    package init(parsing text: String, limits: DocumentLimits = .init(maxDepth: 512)) throws(JSONError) {
        let (root, errors) = JSONReader<JSONValue>.read(Array(text.utf8), limits: limits) { element, _, _ in
            switch element {
            case .scalar(let value): value
            case .array(let items): .array(items)
            case .object(let members): .object(members.map { Member($0.key, $0.value) })
            }
        }
        if let first = errors.min(by: { $0.position < $1.position }) { throw first }
        self = root ?? .null
    }
}

/// Reads JSON (RFC 8259) into values that a caller builds, each with its position in the text.
package struct JSONReader<Value> {
    /// What was read: a scalar, or a list or an object of values that were built before.
    package enum Element {
        case scalar(JSONValue)
        case array([Value])
        case object([Member])
    }

    /// A member of an object.
    package struct Member {
        /// The key.
        package let key: String
        /// Where the key begins.
        package let position: TextPosition
        /// How many Unicode scalars the key takes in the text, quotes included.
        package let length: Int
        /// The value.
        package let value: Value
    }

    private var scanner: JSONScanner
    private let limits: DocumentLimits
    private let build: (Element, TextPosition, Int) -> Value
    private var count = 0
    private var errors: [JSONError] = []

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: The text, without a byte order mark.
    ///   - limits: How large it may be.
    ///   - build: Makes a value of what was read, its position and its length (1 for lists and objects).
    /// - Returns: The value, nil when the text could not be read to its end, and the problems, in the order in which
    ///   they were found.
    package static func read(
        _ bytes: [UInt8], limits: DocumentLimits, build: @escaping (Element, TextPosition, Int) -> Value
    ) -> (root: Value?, errors: [JSONError]) {
        do throws(JSONError) {
            let scanner = try JSONScanner(bytes, maxBytes: limits.maxBytes)
            var reader = JSONReader(scanner: scanner, limits: limits, build: build)
            let root = reader.document()
            return (root, reader.errors)
        } catch {
            return (nil, [error])
        }
    }

    private mutating func document() -> Value? {
        do throws(JSONError) {
            let root = try value(depth: 1)
            scanner.skipSpaces()
            if !scanner.isAtEnd { throw scanner.error("unexpected text after the value") }
            return root
        } catch {
            errors.append(error)
            return nil
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> Value {
        scanner.skipSpaces()
        count += 1
        if count > limits.maxValues {
            throw scanner.error("the text holds more than \(limits.maxValues) values", .limit)
        }
        let (start, position) = (scanner.offset, scanner.position())
        let element = try element(depth: depth)
        guard case .scalar = element else { return build(element, position, 1) }
        return build(element, position, scanner.length(from: start))
    }

    private mutating func element(depth: Int) throws(JSONError) -> Element {
        let isObject = scanner.byte == UInt8(ascii: "{")
        guard isObject || scanner.byte == UInt8(ascii: "[") else { return .scalar(try scanner.scalar()) }
        if depth > limits.maxDepth {
            throw scanner.error("lists and objects are nested more than \(limits.maxDepth) deep", .limit)
        }
        return isObject ? try object(depth: depth) : try array(depth: depth)
    }

    private mutating func object(depth: Int) throws(JSONError) -> Element {
        var members: [Member] = []
        var keys: Set<[UInt8]> = []
        try elements(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { reader throws(JSONError) in
            let position = reader.scanner.position()
            let (key, length) = try reader.scanner.key()
            let value = try reader.value(depth: depth + 1)
            if keys.insert(Array(key.utf8)).inserted {
                members.append(Member(key: key, position: position, length: length, value: value))
            } else {
                reader.errors.append(
                    JSONError(
                        kind: .duplicateKey, message: "duplicate key '\(key)'", position: position,
                        length: length))
            }
        }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> Element {
        var items: [Value] = []
        try elements(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) { reader throws(JSONError) in
            items.append(try reader.value(depth: depth + 1))
        }
        return .array(items)
    }

    /// Reads the elements between two brackets, with commas between them.
    private mutating func elements(
        from start: UInt8, to end: UInt8, _ element: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        _ = scanner.take(start)
        scanner.skipSpaces()
        if scanner.take(end) { return }
        while true {
            try element(&self)
            scanner.skipSpaces()
            if scanner.take(end) { return }
            guard scanner.take(UInt8(ascii: ",")) else {
                throw scanner.error("expected ',' or '\(Unicode.Scalar(end))'")
            }
            scanner.skipSpaces()
            if scanner.byte == end { throw scanner.error("JSON allows no comma after the last element") }
        }
    }
}
