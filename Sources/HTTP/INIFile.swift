import Support

/// An INI file, read as Python's `configparser` reads it for the Databricks SDK and MLflow.
package struct INIFile: Hashable, Sendable {
    /// The sections, with their keys and values by name.
    package private(set) var sections: [String: [String: Secret]] = [:]

    private var section: String?
    private var key: String?
    private var indent = 0
    private var repeatedSections: Set<String> = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - path: The path for messages.
    /// - Throws: `HTTPError` with `.unauthenticated`, which names the line.
    package init(_ text: String, path: String) throws(HTTPError) {
        // Python accepts all three kinds of line ends.
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").unicodeScalars
            .split(omittingEmptySubsequences: false) { $0 == "\n" }
        for (index, line) in lines.enumerated() {
            do {
                try read(line)
            } catch {
                throw HTTPError(
                    .unauthenticated, "\(path):\(index + 1): \(error.reason)",
                    hint: "write [NAME], and below it lines such as KEY = VALUE")
            }
        }
        for (name, values) in sections {
            sections[name] = values.mapValues { Secret($0.reveal().trimmed(leading: false)) }
        }
    }

    private struct Problem: Error { let reason: String }

    private mutating func read(_ line: Substring.UnicodeScalarView) throws(Problem) {
        let content = String(line).trimmed()
        if content.hasPrefix("#") || content.hasPrefix(";") { return }
        guard !content.isEmpty else {
            continueValue("")
            return
        }
        let depth = line.prefix { $0.properties.isWhitespace }.count
        if section != nil, key != nil, depth > indent {
            continueValue(content)
            return
        }
        indent = depth
        if content.hasPrefix("["), let end = content.lastIndex(of: "]"),
            content.index(after: content.startIndex) < end
        {
            try begin(String(content[content.index(after: content.startIndex)..<end]))
        } else {
            try set(content)
        }
    }

    private mutating func begin(_ name: String) throws(Problem) {
        if name != "DEFAULT" {
            guard repeatedSections.insert(name).inserted else {
                throw Problem(reason: "the section [\(name)] appears twice")
            }
        }
        if sections[name] == nil { sections[name] = [:] }
        section = name
        key = nil
    }

    private mutating func set(_ line: String) throws(Problem) {
        guard let section else { throw Problem(reason: "this line comes before any [SECTION]") }
        guard let delimiter = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            throw Problem(reason: "this line has no =")
        }
        let name = String(line[..<delimiter]).trimmed().lowercased()
        guard !name.isEmpty else { throw Problem(reason: "this line has no key") }
        guard sections[section]?[name] == nil else {
            throw Problem(reason: "the section [\(section)] has \(name) twice")
        }
        sections[section]?[name] = Secret(String(line[line.index(after: delimiter)...]).trimmed())
        key = name
    }

    private mutating func continueValue(_ line: String) {
        guard let section, let key, let value = sections[section]?[key] else { return }
        sections[section]?[key] = Secret(value.reveal() + "\n" + line)
    }
}
