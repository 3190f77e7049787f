package import Diagnostics
import Support
import Templates
import YAML

extension Diagnostic.Code {
    static let badCases = Self(rawValue: "bad-cases")
}

/// A file with cases: what is asked of prompts, and what the answers have to be like.
package struct CasesFile: Sendable {
    /// The cases, as far as they can be read.
    package private(set) var cases: [TryCase] = []
    /// The problems found in the file.
    package private(set) var diagnostics = DiagnosticList()

    /// The largest file that is read, in bytes.
    private static let sizeLimit = 8 << 20
    private let path: String

    /// Reads a file.
    ///
    /// - Parameter path: The path, as the user wrote it; one that ends in `.json` is JSON, all others are YAML.
    package init(path: String) {
        self.path = path
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: Self.sizeLimit)
            diagnostics.addSource(text, path: path)
            read(text)
        } catch {
            diagnostics.add(error, .unreadable, "the file '\(path)'", path: path)
        }
    }

    private mutating func read(_ text: String) {
        let parsed = parseDocument(text, file: path)
        diagnostics.add(contentsOf: parsed.diagnostics)
        guard let root = parsed.root else {
            if parsed.diagnostics.isEmpty {
                diagnostics.add(.error(.badCases, "there are no cases", at: SourceLocation(file: path)))
            }
            return
        }
        guard let items = root.items else {
            diagnostics.add(
                root.error(
                    .badCases, "the cases must be a list, not \(root.kindName)",
                    help: "begin each case with '- prompt: NAME'"))
            return
        }
        if items.isEmpty {
            diagnostics.add(
                root.error(.badCases, "there are no cases", help: "begin each case with '- prompt: NAME'"))
            return
        }
        var (correction, checker) = (KeyCorrection(), ShapeChecker())
        var names: Set<String> = []
        for (index, item) in items.enumerated() {
            let item = correction.correct(item, .object(CasesShape.item))
            checker.check(item, .object(CasesShape.item), key: "a case")
            guard let one = read(item, at: index) else { continue }
            if !names.insert(one.name).inserted {
                diagnostics.add((item["name"] ?? item).error(.repeated, "there are two cases '\(one.name)'"))
            }
            cases.append(one)
        }
        diagnostics.add(contentsOf: correction.diagnostics + checker.diagnostics)
    }

    private mutating func read(_ item: YAMLNode, at index: Int) -> TryCase? {
        guard let node = item["prompt"], let prompt = node.text else { return nil }
        let values = (item["values"]?.entries ?? []).compactMap { entry in
            entry.value.scalarText.map {
                TemplateValue(name: entry.key, text: $0, location: entry.keyLocation)
            }
        }
        var checks: [AnswerCheck] = []
        for entry in item["checks"]?.entries ?? [] {
            guard let kind = AnswerCheck.Kind(rawValue: entry.key) else { continue }
            for value in kind == .jsonSchema ? [entry.value] : entry.value.oneOrMany {
                if let expected = expected(kind, value) { checks.append(AnswerCheck(kind, expected)) }
            }
        }
        return TryCase(
            name: item["name"]?.text ?? "\(prompt) #\(index + 1)", prompt: prompt, location: node.location,
            values: values, checks: checks)
    }

    /// What a check compares with; nil where it is nothing, which is reported.
    private mutating func expected(_ kind: AnswerCheck.Kind, _ node: YAMLNode) -> String? {
        switch kind {
        case .contains, .notContains, .equals: return node.text
        case .maxSeconds, .maxTokens, .maxCost:
            guard case .number(let number) = node.plain else { return nil }
            return number
        case .matches:
            guard let text = node.text else { return nil }
            do {
                _ = try Regex(text)
                return text
            } catch {
                diagnostics.add(node.error(.badCases, "'\(text)' is no regular expression"))
                return nil
            }
        case .jsonSchema: return schema(node)
        }
    }

    /// A schema, or that of a file beside the cases.
    private mutating func schema(_ node: YAMLNode) -> String? {
        var schema: JSONValue?
        if let file = node.text {
            let path = FilePath.join(FilePath.folder(of: path), file)
            do throws(TextFileError) {
                let text = try TextFile.text(of: path, limit: Self.sizeLimit)
                schema = try? JSONValue(parsing: text)
                if schema == nil { diagnostics.add(node.error(.badCases, "'\(path)' is not JSON")) }
            } catch {
                diagnostics.add(error, .badCases, "the schema '\(path)'", path: path, namedBy: node)
            }
        } else if node.entries != nil {
            schema = node.plain
        }
        guard let schema else { return nil }
        if let problem = AnswerSchema.problem(with: schema) {
            diagnostics.add(node.error(.badCases, problem.message, help: problem.help))
            return nil
        }
        return schema.serialized
    }
}
