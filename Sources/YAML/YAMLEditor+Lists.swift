package import Support

/// An item of a list as it is to be.
package enum YAMLListItem: Hashable, Sendable {
    /// The item at an index, as it is written.
    case kept(Int)
    /// The item at an index, with another value.
    case changed(Int, JSONValue)
    /// An item that is not in the list yet.
    case added(JSONValue)

    /// The index of an item that is in the list already.
    fileprivate var index: Int? {
        switch self {
        case .kept(let index), .changed(let index, _): index
        case .added: nil
        }
    }

    /// The value, given those of the list.
    fileprivate func value(_ old: [JSONValue]) -> JSONValue {
        switch self {
        case .kept(let index): old[index]
        case .changed(_, let value), .added(let value): value
        }
    }
}

extension YAMLEditor {
    /// Changes, adds and removes items of a list; those that are kept stay as they are written.
    ///
    /// - Parameters:
    ///   - path: The path of the list.
    ///   - items: The items, those of the list in their order.
    /// - Throws: `YAMLEditProblem` where the list is written in a way that cannot be changed item by item.
    package mutating func setItems(of path: [String], to items: [YAMLListItem]) throws(YAMLEditProblem) {
        guard let place = try place(of: path), case .sequence(let nodes) = place.node.value, !nodes.isEmpty
        else { throw YAMLEditProblem(reason: "there is no list to change") }
        expected = expected.setting(path[...], to: .array(items.map { $0.value(nodes.map(\.plain)) }))
        try change(place, nodes, to: items)
    }

    /// Changes a list item by item; false, without a change, where that is not possible.
    mutating func replaceItems(of place: Place, by values: [JSONValue]) -> Bool {
        guard case .sequence(let nodes) = place.node.value, !nodes.isEmpty, !values.isEmpty else {
            return false
        }
        let old = nodes.map(\.plain)
        let pairs = ListAlignment.pairs(old, values, isSame: ==) { one, other in
            one["name"].map { $0 == other["name"] } ?? false
        }
        let items = zip(pairs, values).map { index, value -> YAMLListItem in
            guard let index else { return .added(value) }
            return old[index] == value ? .kept(index) : .changed(index, value)
        }
        let before = edits.count
        do throws(YAMLEditProblem) {
            try change(place, nodes, to: items)
            return true
        } catch {
            edits.removeSubrange(before...)
            return false
        }
    }

    private mutating func change(
        _ place: Place, _ nodes: [YAMLNode], to items: [YAMLListItem]
    ) throws(YAMLEditProblem) {
        let list = scanner.offset(of: place.node.location)
        var children: [(place: Place, range: Range<Int>)] = []
        for index in nodes.indices {
            guard let child = try child("\(index)", of: place), let range = try range(of: child),
                range.lowerBound >= (children.last?.range.upperBound ?? list)
            else { throw YAMLEditProblem(reason: "an item stands elsewhere in the file, or is empty") }
            children.append((child, range))
        }
        if scanner.isFlow(at: list) {
            try changeFlow(place, children, to: items)
        } else {
            try changeBlock(children, to: items)
        }
    }

    // MARK: Lists with dashes

    private mutating func changeBlock(
        _ children: [(place: Place, range: Range<Int>)], to items: [YAMLListItem]
    ) throws(YAMLEditProblem) {
        var dashes: [Int] = []
        for child in children {
            guard let dash = scanner.dash(before: child.range.lowerBound) else {
                throw YAMLEditProblem(reason: "an item stands below its dash")
            }
            dashes.append(dash)
        }
        let scanner = scanner
        let end = { (index: Int) in scanner.nextLine(after: children[index].range.upperBound) }
        let isApart = children.count > 1 && scanner.isBlankLine(at: end(0))
        let kept = Set(items.compactMap(\.index))
        for index in children.indices where !kept.contains(index) {
            let line = try lineStart(ofItemAt: dashes[index])
            var next = end(index)
            if isApart, index + 1 < children.count, scanner.isBlankLine(at: next) {
                next = scanner.nextLine(after: next)
            }
            edits.append((line..<min(scanner.bytes.count, next), ""))
        }
        let margin = String(repeating: " ", count: scanner.column(of: dashes[0]))
        var previous: Int?
        for item in items {
            switch item {
            case .kept(let index): previous = index
            case .changed(let index, let value):
                try replace(children[index].place, by: value)
                previous = index
            case .added(let value):
                let sibling = children[previous ?? 0].range.lowerBound
                let dash = scanner.column(of: sibling) - margin.utf8.count
                let text =
                    margin + "-" + String(repeating: " ", count: dash - 1)
                    + (scanner.isFlow(at: sibling) || !value.isFilled
                        ? flow(value) : value.blockYAML(indentation: scanner.column(of: sibling)))
                let place = if let previous { end(previous) } else { try lineStart(ofItemAt: dashes[0]) }
                let isLast = place == scanner.bytes.count && scanner.bytes.last != 0x0A
                let (before, after) =
                    isLast
                    ? (isApart ? "\n\n" : "\n", "")
                    : previous == nil ? ("", isApart ? "\n\n" : "\n") : (isApart ? "\n" : "", "\n")
                edits.append((place..<place, before + text + after))
            }
        }
    }

    /// Where the line of an item begins, which has nothing else on it before the dash.
    private func lineStart(ofItemAt dash: Int) throws(YAMLEditProblem) -> Int {
        let line = scanner.lineStart(before: dash)
        guard scanner.bytes[line..<dash].allSatisfy({ $0 == 0x20 }) else {
            throw YAMLEditProblem(reason: "an item stands behind something else on its line")
        }
        return line
    }

    // MARK: Lists in brackets

    /// What is written around an item: what leads to it, and what follows it up to the end of its line.
    private struct Surroundings {
        var lead = ""
        var beforeComma = ""
        var hasComma = false
        var afterComma = ""
    }

    private mutating func changeFlow(
        _ place: Place, _ children: [(place: Place, range: Range<Int>)], to items: [YAMLListItem]
    ) throws(YAMLEditProblem) {
        guard let whole = try range(of: place) else { return }
        let (open, close) = (whole.lowerBound + 1, whole.upperBound - 1)
        var around: [Surroundings] = []
        var start = open
        for (index, child) in children.enumerated() {
            var surroundings = Surroundings()
            surroundings.lead = slice(start..<child.range.lowerBound)
            let next = index + 1 < children.count ? children[index + 1].range.lowerBound : close
            start = child.range.upperBound
            if let comma = scanner.comma(in: start..<next) {
                surroundings.beforeComma = slice(start..<comma)
                surroundings.hasComma = true
                start = comma + 1
            }
            if let end = scanner.bytes[start..<next].firstIndex(of: 0x0A) {
                let stop = end > start && scanner.bytes[end - 1] == 0x0D ? end - 1 : end
                surroundings.afterComma = slice(start..<stop)
                start = stop
            }
            around.append(surroundings)
        }
        let endsWithComma = around.last?.hasComma == true
        let isOnLines = around.last?.lead.utf8.contains(0x0A) == true
        let first = children[0].range.lowerBound
        let margin = String(repeating: " ", count: scanner.indentation(at: first))
        let isTall = children.contains { scanner.bytes[$0.range].contains(0x0A) }
        var result = ""
        for (number, item) in items.enumerated() {
            var surroundings = Surroundings()
            surroundings.lead = isOnLines ? "\n" + margin : ""
            if let index = item.index { surroundings = around[index] }
            if !surroundings.lead.utf8.contains(0x0A) {
                let isInline = !around[0].lead.utf8.contains(0x0A)
                if number == 0, isInline { surroundings.lead = around[0].lead }
                if number > 0, surroundings.lead.isEmpty { surroundings.lead = " " }
            }
            let text: String
            switch item {
            case .kept(let index): text = slice(children[index].range)
            case .changed(let index, let value):
                let before = edits.count
                try replace(children[index].place, by: value)
                let inner = Array(edits[before...])
                edits.removeSubrange(before...)
                text = try self.text(of: children[index].range, with: inner)
            case .added(let value):
                text =
                    isOnLines && isTall && isJSON
                    ? String(value.document.dropLast()).replacing("\n", with: "\n" + margin) : flow(value)
            }
            let needsComma = number + 1 < items.count || endsWithComma
            result += surroundings.lead + text
            if needsComma, !surroundings.hasComma { result += "," }
            result += surroundings.beforeComma
            if needsComma, surroundings.hasComma { result += "," }
            result += surroundings.afterComma
        }
        edits.append((open..<start, result))
    }

    private func slice(_ range: Range<Int>) -> String {
        String(decoding: scanner.bytes[range], as: UTF8.self)
    }
}
