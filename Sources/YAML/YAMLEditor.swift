package import Support

/// Why a YAML text cannot be changed in place.
package struct YAMLEditProblem: Error, Hashable, Sendable {
    /// The reason, as a sentence without its full stop.
    package let reason: String
}

/// Changes values of a YAML text where they stand; comments, order, styles and line ends of everything else stay.
///
/// A change that YAML could write in several ways is checked by whoever reads the text again.
package struct YAMLEditor {
    private let root: YAMLNode
    let scanner: YAMLValueScanner
    let isJSON: Bool
    /// What the text has to say with the changes.
    var expected: JSONValue
    var edits: [(range: Range<Int>, text: String)] = []

    /// An editor.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - root: What it was parsed to.
    ///   - isJSON: Whether it has to stay JSON.
    package init(_ text: String, root: YAMLNode, isJSON: Bool = false) {
        (self.isJSON, expected) = (isJSON, root.plain)
        scanner = YAMLValueScanner(Array(text.utf8))
        self.root = root
    }

    /// The text with the changes.
    ///
    /// - Returns: The text.
    /// - Throws: `YAMLEditProblem` where two changes meet.
    package func text() throws(YAMLEditProblem) -> String {
        try text(of: 0..<scanner.bytes.count, with: edits)
    }

    /// A part of the text with changes that are in it.
    func text(
        of whole: Range<Int>, with edits: [(range: Range<Int>, text: String)]
    ) throws(YAMLEditProblem) -> String {
        var result: [UInt8] = []
        var end = whole.lowerBound
        let sorted = edits.enumerated().sorted {
            // What is added at a place comes before what is removed there.
            ($0.element.range.lowerBound, $0.element.range.isEmpty ? 0 : 1, $0.offset)
                < ($1.element.range.lowerBound, $1.element.range.isEmpty ? 0 : 1, $1.offset)
        }
        for (_, edit) in sorted {
            guard edit.range.lowerBound >= end else { throw YAMLEditProblem(reason: "two changes overlap") }
            result += scanner.bytes[end..<edit.range.lowerBound]
            let text = edit.text.replacing("\r\n", with: "\n")
            result += text.replacing("\n", with: scanner.lineEnd).utf8
            end = edit.range.upperBound
        }
        return String(decoding: result + scanner.bytes[end..<whole.upperBound], as: UTF8.self)
    }

    /// The text with the changes, read again: it says nothing else than the value that was parsed, but for them.
    ///
    /// - Returns: The text.
    /// - Throws: `YAMLEditProblem` where it would.
    package func checkedText() throws(YAMLEditProblem) -> String {
        let text = try text()
        let parsed = isJSON ? parseJSON(Array(text.utf8), file: "") : parseYAML(Array(text.utf8), file: "")
        guard parsed.root?.plain.canonical == expected.canonical else {
            throw YAMLEditProblem(reason: "it cannot be changed without changing something else in its file")
        }
        return text
    }

    /// Sets, adds or removes the value at a path of keys and indices.
    ///
    /// - Parameters:
    ///   - path: The path; all of it but the last part exists.
    ///   - value: The value; nil removes it.
    /// - Throws: `YAMLEditProblem`.
    package mutating func set(_ path: [String], to value: JSONValue?) throws(YAMLEditProblem) {
        expected = expected.setting(path[...], to: value)
        if path.isEmpty, let value, let place = try place(of: path) { return try replace(place, by: value) }
        guard let key = path.last, let parent = try place(of: Array(path.dropLast())) else {
            throw YAMLEditProblem(reason: "'\(path.joined(separator: "."))' has no place in the file")
        }
        guard let place = try place(of: path) else {
            if let value { try insert([(key, value)], into: parent, removing: []) }
            return
        }
        if let value {
            try replace(place, by: value)
        } else {
            try remove([key], from: parent)
        }
    }

    // MARK: Places

    /// A value with its place.
    struct Place {
        var node: YAMLNode
        /// Where its key is; nil for the root and for items of lists.
        var key: YAMLEntry?
        /// Where the next thing begins.
        var end: Int
        /// The indentation of what the value belongs to.
        var indentation: Int
    }

    func place(of path: [String]) throws(YAMLEditProblem) -> Place? {
        var place = Place(node: root, end: scanner.bytes.count, indentation: -1)
        for part in path {
            guard let next = try child(part, of: place) else { return nil }
            place = next
        }
        return place
    }

    func child(_ part: String, of place: Place) throws(YAMLEditProblem) -> Place? {
        switch place.node.value {
        case .mapping(let entries):
            guard let index = entries.firstIndex(where: { $0.key == part }) else { return nil }
            let entry = entries[index]
            let end =
                index + 1 < entries.count ? scanner.offset(of: entries[index + 1].keyLocation) : place.end
            let column = scanner.column(of: scanner.offset(of: entry.keyLocation))
            return Place(node: entry.value, key: entry, end: end, indentation: column)
        case .sequence(let items):
            guard let index = Int(part), items.indices.contains(index) else { return nil }
            let start = scanner.offset(of: items[index].location)
            let next = index + 1 < items.count ? scanner.offset(of: items[index + 1].location) : nil
            let dash = scanner.dash(before: start)
            return Place(
                node: items[index], end: next.map { scanner.dash(before: $0) ?? $0 } ?? place.end,
                indentation: dash.map(scanner.column) ?? scanner.indentation(at: start))
        default: return nil
        }
    }

    /// Where a value stands in the text; nil where its key has no value.
    func range(of place: Place) throws(YAMLEditProblem) -> Range<Int>? {
        let start = scanner.offset(of: place.node.location)
        let lower = place.key == nil ? 0 : try scanner.colon(of: place.key) + 1
        guard start >= lower, start < place.end else {
            if case .null = place.node.value { return nil }
            throw YAMLEditProblem(reason: "the value stands elsewhere in the file, behind an alias")
        }
        if case .null = place.node.value, !scanner.hasText(at: start) { return nil }
        if scanner.bytes[start] == UInt8(ascii: "&") || scanner.bytes[start] == UInt8(ascii: "!")
            || scanner.bytes[start] == UInt8(ascii: "*")
        {
            throw YAMLEditProblem(reason: "the value has an anchor or a tag")
        }
        if !scanner.isFlow(at: start), let last = try lastChild(of: place) {
            return start..<(try end(of: last))
        }
        return
            start..<scanner.end(of: place.node, at: start, indentation: place.indentation, limit: place.end)
    }

    private func lastChild(of place: Place) throws(YAMLEditProblem) -> Place? {
        switch place.node.value {
        case .mapping(let entries):
            guard let last = entries.last else { return nil }
            return try child(last.key, of: place)
        case .sequence(let items): return items.isEmpty ? nil : try child("\(items.count - 1)", of: place)
        default: return nil
        }
    }

    /// Where a value ends, or its key where it has none.
    private func end(of place: Place) throws(YAMLEditProblem) -> Int {
        if let range = try range(of: place) { return range.upperBound }
        return try scanner.colon(of: place.key) + 1
    }

    // MARK: Changes

    func flow(_ value: JSONValue) -> String { isJSON ? value.serialized : value.flowYAML }

    mutating func replace(_ place: Place, by value: JSONValue) throws(YAMLEditProblem) {
        if case .mapping(let entries) = place.node.value, case .object(let members) = value, !members.isEmpty
        {
            let removed = entries.map(\.key).filter { key in !members.contains { $0.key == key } }
            if removed.count < entries.count {
                return try merge(members, into: place, entries, removing: removed)
            }
        }
        if place.node.plain == value { return }
        if case .array(let values) = value, replaceItems(of: place, by: values) { return }
        guard let range = try range(of: place) else {
            guard let entry = place.key else { throw YAMLEditProblem(reason: "an item of a list is empty") }
            let colon = try scanner.colon(of: entry)
            edits.append((colon + 1..<colon + 1, " " + flow(value)))
            return
        }
        let isFlow = scanner.isFlow(at: range.lowerBound)
        let block = scanner.blockIndentation(in: range)
        if case .string(let text) = value, ScalarStyle.canBeBlock(text, ofOneLine: block != nil),
            !scanner.isInsideFlow(range.lowerBound),
            !scanner.hasText(after: range.upperBound),
            // Blank lines behind a block that keeps its own would be its own, too.
            !text.hasSuffix("\n\n") || scanner.hasText(after: scanner.nextLine(after: range.upperBound))
        {
            edits.append((range, scanner.block(text, indentation: block, below: place.indentation)))
        } else if isFlow || !place.node.isCollection || !value.isFilled {
            let isBelow = place.node.isCollection && !isFlow
            let start = isBelow && place.key != nil ? try scanner.colon(of: place.key) + 1 : range.lowerBound
            edits.append((start..<range.upperBound, (isBelow ? " " : "") + flow(value)))
        } else {
            // A comment behind the last line would become a part of a text that ends there.
            let end = scanner.lineEnd(after: range.upperBound)
            edits.append(
                (range.lowerBound..<end, value.blockYAML(indentation: scanner.column(of: range.lowerBound))))
        }
    }

    private mutating func merge(
        _ members: [JSONValue.Member], into place: Place, _ entries: [YAMLEntry], removing removed: [String]
    ) throws(YAMLEditProblem) {
        for member in members {
            guard let child = try child(member.key, of: place), child.node.plain != member.value else {
                continue
            }
            try replace(child, by: member.value)
        }
        let new = members.filter { member in !entries.contains { $0.key == member.key } }
        if !removed.isEmpty { try remove(removed, from: place) }
        if !new.isEmpty { try insert(new.map { ($0.key, $0.value) }, into: place, removing: removed) }
    }

    private mutating func insert(
        _ members: [(key: String, value: JSONValue)], into place: Place, removing removed: [String]
    ) throws(YAMLEditProblem) {
        guard case .mapping(let entries) = place.node.value else {
            throw YAMLEditProblem(reason: "there is no mapping to add '\(members[0].key)' to")
        }
        let start = scanner.offset(of: place.node.location)
        let pairs = members.map { "\(flow(.string($0.key))): \(flow($0.value))" }
        guard let last = entries.last(where: { !removed.contains($0.key) }),
            let child = try child(last.key, of: place)
        else {
            guard scanner.isFlow(at: start) else {
                throw YAMLEditProblem(reason: "the mapping has no entry left")
            }
            edits.append((start + 1..<start + 1, pairs.joined(separator: ", ")))
            return
        }
        let end = try end(of: child)
        if scanner.isFlow(at: start) {
            edits.append((end..<end, pairs.map { ", " + $0 }.joined()))
            return
        }
        let column = scanner.column(of: scanner.offset(of: entries[0].keyLocation))
        let indentation = String(repeating: " ", count: column)
        // Before whatever follows, so that it is apart from a last entry that is removed.
        let line = scanner.nextLine(after: end)
        let isLast = line == scanner.bytes.count && scanner.bytes.last != 0x0A
        for member in members {
            let name = JSONValue.string(member.key).flowYAML
            var text = "\(indentation)\(name): \(member.value.flowYAML)"
            if member.value.isFilled {
                text =
                    "\(indentation)\(name):\n\(indentation)  "
                    + member.value.blockYAML(indentation: column + 2)
            }
            edits.append((line..<line, isLast ? "\n" + text : text + "\n"))
        }
    }

    private mutating func remove(_ keys: [String], from place: Place) throws(YAMLEditProblem) {
        guard case .mapping(let entries) = place.node.value else { return }
        let start = scanner.offset(of: place.node.location)
        for (index, entry) in entries.enumerated() where keys.contains(entry.key) {
            guard let child = try child(entry.key, of: place) else { continue }
            let key = scanner.offset(of: entry.keyLocation)
            let end = try end(of: child)
            if scanner.isFlow(at: start) {
                let isLast = !entries[(index + 1)...].contains { !keys.contains($0.key) }
                let before = entries[..<index].last { !keys.contains($0.key) }
                if !isLast, index + 1 < entries.count {
                    edits.append((key..<scanner.offset(of: entries[index + 1].keyLocation), ""))
                } else if index > 0, let previous = try self.child(entries[index - 1].key, of: place),
                    before != nil
                {
                    edits.append((try self.end(of: previous)..<end, ""))
                } else {
                    throw YAMLEditProblem(reason: "'\(entry.key)' is the only entry of its mapping")
                }
            } else {
                let line = scanner.lineStart(before: key)
                guard scanner.bytes[line..<key].allSatisfy({ $0 == 0x20 }) else {
                    throw YAMLEditProblem(reason: "'\(entry.key)' stands behind something else on its line")
                }
                edits.append((line..<min(scanner.bytes.count, scanner.nextLine(after: end)), ""))
            }
        }
    }
}

extension JSONValue {
    /// The value with another one at a path of keys and indices; nil removes it.
    package func setting(_ path: ArraySlice<String>, to value: JSONValue?) -> JSONValue {
        guard let part = path.first else { return value ?? .null }
        if case .array(var items) = self, let index = Int(part), items.indices.contains(index) {
            items[index] = items[index].setting(path.dropFirst(), to: value)
            return .array(items)
        }
        var changed = self
        changed[part] = path.count == 1 ? value : (self[part] ?? [:]).setting(path.dropFirst(), to: value)
        return changed
    }
}
