import CYAML
import Diagnostics
import Support

/// Builds nodes from libyaml's events.
struct YAMLParser: ~Copyable {
    private var events: YAMLEventReader
    private var source: YAMLSource
    private let file: String
    private var budget: YAMLBudget
    private var problems: [YAMLProblem] = []
    private var anchors: [String: Anchor] = [:]

    private enum Anchor {
        /// Its node is still being read.
        case open
        /// The node, its size, and the text of a scalar.
        case closed(YAMLNode, YAMLBudget.Size, text: String?)
    }

    private struct Key {
        var text: String
        var place: TextPosition
        var length: Int
        var isMerge = false
    }

    /// Reads one document.
    ///
    /// - Returns: The value, nil when the document is empty or cannot be read to its end, and the problems.
    static func parse(
        _ bytes: [UInt8], file: String, limits: DocumentLimits
    ) -> (root: YAMLNode?, problems: [YAMLProblem]) {
        guard bytes.count <= limits.maxBytes else {
            let problem = YAMLProblem(
                code: .yamlLimit, message: "the file has more than \(limits.maxBytes) bytes",
                place: TextPosition(line: 1, column: 1))
            return (nil, [problem])
        }
        let invalidByte = bytes.firstInvalidByte
        return bytes.withUnsafeBufferPointer { buffer in
            do throws(YAMLProblem) {
                let source = try YAMLSource(buffer, invalidByte: invalidByte)
                guard let events = YAMLEventReader(source.text) else {
                    throw YAMLProblem(
                        code: .yamlLimit, message: "out of memory", place: TextPosition(line: 1, column: 1))
                }
                var parser = YAMLParser(events: events, source: source, file: file, limits: limits)
                let root = parser.document()
                return (root, parser.problems.sorted { $0.place < $1.place })
            } catch {
                return (nil, [error])
            }
        }
    }

    private init(events: consuming YAMLEventReader, source: YAMLSource, file: String, limits: DocumentLimits)
    {
        self.events = events
        self.source = source
        self.file = file
        budget = YAMLBudget(limits: limits)
    }

    // MARK: Documents and nodes

    private mutating func document() -> YAMLNode? {
        do throws(YAMLProblem) {
            try advance()
            try advance()
            guard events.kind == YAML_DOCUMENT_START_EVENT else { return nil }
            try advance()
            let root = try node(depth: 1)
            try advance()
            try advance()
            if events.kind == YAML_DOCUMENT_START_EVENT {
                report(
                    .yamlDocuments, "a second document begins here; a file holds one", length: 3,
                    help: "put it into a file of its own")
            }
            return root
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func advance() throws(YAMLProblem) {
        do throws(YAMLReadError) {
            try events.advance()
        } catch {
            throw YAMLProblem(error, in: &source)
        }
    }

    /// The node that the current event begins; `depth` is that of a collection here.
    private mutating func node(depth: Int) throws(YAMLProblem) -> YAMLNode {
        switch events.kind {
        case YAML_ALIAS_EVENT:
            return try alias(depth: depth)?.node
                ?? YAMLNode(value: .null, location: location, length: eventLength())
        case YAML_SCALAR_EVENT: return try scalar()
        default: return try collection(depth: depth)
        }
    }

    private mutating func scalar() throws(YAMLProblem) -> YAMLNode {
        let text = events.text
        let bytes = text.utf8.count
        try check(budget.add(nodes: 1, bytes: bytes))
        let node = YAMLNode(value: value(of: text), location: location, length: eventLength())
        if let anchor = events.anchor {
            anchors[anchor] = .closed(node, YAMLBudget.Size(nodes: 1, bytes: bytes), text: text)
        }
        return node
    }

    private mutating func collection(depth: Int) throws(YAMLProblem) -> YAMLNode {
        let measurement = budget.beginMeasuring()
        try check(budget.addCollection(depth: depth))
        let anchor = events.anchor
        if let anchor { anchors[anchor] = .open }
        var node = YAMLNode(value: .null, location: location)
        if events.kind == YAML_SEQUENCE_START_EVENT {
            checkTag(of: .seq)
            node.value = .sequence(try items(depth: depth))
        } else {
            checkTag(of: .map)
            node.value = .mapping(try entries(depth: depth))
        }
        let size = budget.endMeasuring(measurement, depth: depth)
        if let anchor { anchors[anchor] = .closed(node, size, text: nil) }
        return node
    }

    private mutating func items(depth: Int) throws(YAMLProblem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        try advance()
        while events.kind != YAML_SEQUENCE_END_EVENT {
            items.append(try node(depth: depth + 1))
            try advance()
        }
        return items
    }

    private mutating func entries(depth: Int) throws(YAMLProblem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        /// The keys by their lines, where there are so many that to look through the entries takes long.
        var lines: [String: Int] = [:]
        func line(of key: String) -> Int? {
            if entries.count > 16 { return lines[key] }
            return entries.firstIndex { $0.key == key }.map { entries[$0].keyLocation.line }
        }
        try advance()
        while events.kind != YAML_MAPPING_END_EVENT {
            let key = try key(depth: depth)
            try advance()
            let value = try node(depth: depth + 1)
            try advance()
            guard let key else { continue }
            if key.isMerge {
                report(
                    .yamlMergeKey, "'<<' merges nothing: YAML 1.2 has no merge keys", at: key.place,
                    length: 2,
                    help: "write the keys out, or give the whole value by an alias")
            } else if let line = line(of: key.text) {
                report(
                    .yamlDuplicateKey, "duplicate key '\(Self.shortened(key.text))', first on line \(line)",
                    at: key.place, length: key.length)
            } else {
                entries.append(
                    YAMLEntry(
                        key: key.text, keyLocation: SourceLocation(file: file, at: key.place),
                        keyLength: key.length, value: value))
                if entries.count == 17 {
                    for entry in entries { lines[entry.key] = entry.keyLocation.line }
                } else if entries.count > 17 {
                    lines[key.text] = key.place.line
                }
            }
        }
        return entries
    }

    // MARK: Keys and aliases

    /// The key that the current event begins; nil, after a report, when it cannot be one.
    private mutating func key(depth: Int) throws(YAMLProblem) -> Key? {
        let place = source.place(events.start)
        let length = eventLength()
        switch events.kind {
        case YAML_SCALAR_EVENT:
            let text = events.text
            let tag = events.tag
            if tag == nil, events.anchor == nil {
                try check(budget.add(nodes: 0, bytes: text.utf8.count))
            } else {
                _ = try scalar()
            }
            let isMerge = text == "<<" && tag == nil && events.style == YAML_PLAIN_SCALAR_STYLE
            return Key(text: text, place: place, length: length, isMerge: isMerge)
        case YAML_ALIAS_EVENT:
            guard let target = try alias(depth: depth + 1) else { return nil }
            if let text = target.text { return Key(text: text, place: place, length: length) }
        default:
            _ = try collection(depth: depth + 1)
        }
        report(
            .yamlKey, "a key must be text, not a list or a mapping", at: place, length: length,
            help: "put text that begins with '{' or '[' in quotes")
        return nil
    }

    /// What the current alias stands for; nil, after a report, when that is not known.
    private mutating func alias(depth: Int) throws(YAMLProblem) -> (node: YAMLNode, text: String?)? {
        let name = events.anchor ?? ""
        switch anchors[name] {
        case .closed(let node, let size, let text):
            try check(budget.addAlias(of: size, depth: depth))
            return (node, text)
        case .open:
            report(
                .yamlAlias, "the alias '*\(Self.shortened(name))' is inside its own anchor",
                length: eventLength())
        case nil:
            report(
                .yamlAlias, "no anchor '&\(Self.shortened(name))' comes before this alias",
                length: eventLength(), help: "put text that begins with '*' in quotes")
        }
        return nil
    }

    // MARK: Tags

    private mutating func value(of text: String) -> YAMLNode.Value {
        if let name = events.tag {
            let tag = YAMLTag(resolved: name)
            if let value = tag?.value(of: text) { return value }
            reportTag(name, tag)
        }
        let plain = events.style == YAML_PLAIN_SCALAR_STYLE ? CoreSchema.resolve(text) : nil
        return plain ?? .string(text)
    }

    private mutating func checkTag(of collection: YAMLTag) {
        guard let name = events.tag else { return }
        let tag = YAMLTag(resolved: name)
        if tag != collection { reportTag(name, tag) }
    }

    /// Reports a tag that does not fit its value, or that is not known.
    private mutating func reportTag(_ name: String, _ tag: YAMLTag?) {
        let name = YAMLTag.written(name)
        let length = name.unicodeScalars.count
        if let tag {
            report(.yamlTag, "the tag '\(name)' needs \(tag.kindName)", length: length)
        } else {
            report(
                .yamlTag, "unknown tag '\(Self.shortened(name))'", length: length,
                help: "known are !!str !!int !!float !!bool !!null !!seq !!map; "
                    + "put text that begins with '!' in quotes")
        }
    }

    // MARK: Limits and places

    /// Gives up where a limit is exceeded.
    private func check(_ exceeded: String?) throws(YAMLProblem) {
        guard let exceeded else { return }
        throw YAMLProblem(code: .yamlLimit, message: exceeded, place: source.place(events.start))
    }

    private var location: SourceLocation {
        SourceLocation(file: file, at: source.place(events.start))
    }

    /// How many scalars of its first line the current event takes; 1 for a collection.
    private mutating func eventLength() -> Int {
        switch events.kind {
        case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT: break
        default: return 1
        }
        let (start, end) = (source.place(events.start), source.place(events.end))
        if start.line == end.line { return max(1, end.column - start.column) }
        let rest = source.restOfLine(from: start)
        let isBlock =
            events.style == YAML_LITERAL_SCALAR_STYLE || events.style == YAML_FOLDED_SCALAR_STYLE
        return max(1, isBlock ? rest.prefix { $0 != " " && $0 != "\t" }.count : rest.count)
    }

    private mutating func report(
        _ code: Diagnostic.Code, _ message: String, at place: TextPosition? = nil, length: Int = 1,
        help: String? = nil
    ) {
        problems.append(
            YAMLProblem(
                code: code, message: message, place: place ?? source.place(events.start), length: length,
                help: help))
    }

    private static func shortened(_ text: String) -> String {
        text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(60)) + "…" : text
    }
}
