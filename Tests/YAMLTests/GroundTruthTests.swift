import Foundation
import Support
import Testing

@testable import YAML

/// What PyYAML, which MLflow reads and writes its files with, makes of the same values.
@Suite struct GroundTruthTests {
    @Test func agreesWithPyYAML() throws {
        var values = Self.fixedValues
        var random = SeededGenerator(state: 2026)
        for _ in 0..<500 { values.append(Self.value(depth: 0, &random)) }

        let answers = try Self.askPython(about: values)
        #expect(answers.count == values.count)
        let readable = try Self.askPython(about: values, writtenAs: \.readableYAMLText)
        for (value, answer) in zip(values, readable) {
            let (yaml, json) = (value.readableYAMLText, value.serialized)
            #expect(answer.read == [json, json], "PyYAML reads something else from:\n\(yaml)")
            #expect(
                try value.isRead(from: yaml), "We read something else from:\n\(yaml)")
        }
        for (value, answer) in zip(values, answers) {
            let (yaml, json) = (value.yamlText, value.serialized)
            #expect(answer.read == [json, json], "PyYAML reads something else from:\n\(yaml)")
            for dump in answer.dumps {
                let read = try? JSONValue(parsingYAML: Array(dump.utf8))
                #expect(read?.normalized.serialized == answer.sorted, "we read something else from:\n\(dump)")
            }
        }
    }

    /// Text that PyYAML writes plain, since YAML 1.1 has no such numbers, and that YAML 1.2 reads as a number.
    @Test(arguments: [("1e3", JSONValue(1000.0)), ("0o17", JSONValue(15)), ("-5E4", JSONValue(-50_000.0))])
    func differsByDesign(_ text: String, _ ours: JSONValue) throws {
        let answer = try #require(try Self.askPython(about: [.string(text)]).first)
        #expect(answer.read == ["\"\(text)\"", "\"\(text)\""])
        for dump in answer.dumps {
            #expect(try JSONValue(parsingYAML: Array(dump.utf8)) == ours)
        }
    }

    // MARK: Python

    private struct Answer: Decodable {
        /// Our YAML as PyYAML's two loaders read it, as JSON.
        var read: [String]
        /// The value as PyYAML's two dumpers write it.
        var dumps: [String]
        /// What the dumps hold, as JSON: PyYAML sorts keys.
        var sorted: String
    }

    private static let script = """
        import json, sys, yaml

        def as_json(value, **options):
            return json.dumps(value, ensure_ascii=False, allow_nan=False, **options)

        answers = []
        for text, expected in json.load(open(sys.argv[1], encoding="utf-8")):
            value = json.loads(expected)
            dumps = [
                yaml.dump(value, default_flow_style=False, allow_unicode=True, Dumper=dumper)
                for dumper in (yaml.SafeDumper, yaml.CSafeDumper)
            ]
            read = [as_json(yaml.load(text, Loader=loader)) for loader in (yaml.SafeLoader, yaml.CSafeLoader)]
            # What PyYAML does not read back itself says nothing about us.
            dumps = [dump for dump in dumps if yaml.safe_load(dump) == value]
            answers.append({"read": read, "dumps": dumps, "sorted": as_json(value, sort_keys=True)})
        json.dump(answers, open(sys.argv[2], "w", encoding="utf-8"))
        """

    private static func askPython(
        about values: [JSONValue], writtenAs text: (JSONValue) -> String = \.yamlText
    ) throws -> [Answer] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let question = folder.appendingPathComponent("question.json")
        let answer = folder.appendingPathComponent("answer.json")
        try JSONEncoder().encode(values.map { [text($0), $0.serialized] }).write(to: question)

        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python = Process()
        python.executableURL = root.appendingPathComponent(".build/venv/bin/python")
        python.arguments = ["-c", script, question.path, answer.path]
        try python.run()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
        return try JSONDecoder().decode([Answer].self, from: Data(contentsOf: answer))
    }

    // MARK: Values

    private static let fragments = [
        "", " ", "a", "word", "no", "Yes", "on", "null", "~", "true", "'", "''", "\"", "\\", "\n", "\n\n",
        "\r\n",
        "\r", "\t", "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{0}", "\u{7}", "\u{1B}", "\u{7F}",
        "\u{9F}",
        "\u{A0}", "\u{200B}", "\u{FFFE}", "\u{FFFF}", "😀", "👩‍👩‍👧", "é", "e\u{301}", "中文", ":", ": ", " #", "#",
        "- ", "-", "? ", "&a", "*a", "!t", "%", "@", "`", "{", "}", "[", "]", ",", "|", ">", "=", "<<", "---",
        "...", "1", "0", "12", "0x1", "1:20", "2020-01-01", "1_000", ".5", "1.5", ".inf", ".nan", "{{ x }}",
        "/",
        ".", "_", "  ",
    ]

    private static let fixedValues: [JSONValue] =
        fragments.map { .string($0) }
        + [
            0, -0.0, 1, 0.1, 1e15, 1e16, 1e17, 123_456_789_012_345_680, 9_007_199_254_740_994, 1e21, 1e22,
            1e-4,
            1e-5, 1.5e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -2.5e300, 0.3, 100, 1e100,
        ].map { JSONValue($0 as Double) }
        + [
            JSONValue(Int.max), JSONValue(Int.min), JSONValue(0), .null, .bool(true), .bool(false),
            .array([]), .object([]),
            [String(repeating: "k", count: 5000): .array([.array([])]), "": [:]],
            .string(String(repeating: "long words ", count: 200)),
            .string(String(repeating: "é😀'\n ", count: 200)),
        ]

    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 12 : 8), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2:
            return JSONValue(
                Int(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random)))
        case 3:
            let float = Double(bitPattern: random.next())
            return JSONValue(float.isFinite ? float : 0.5)
        case 4..<7: return .string(text(&random))
        case 7: return ["lines": .string(lines(&random))]
        case 8..<10:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in value(depth: depth + 1, &random) })
        default:
            var keys: [String] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let key = text(&random)
                if !keys.contains(key) { keys.append(key) }
            }
            return .object(keys.map { .init($0, value(depth: depth + 1, &random)) })
        }
    }

    /// Text of a few lines, each of which may be blank, or begin or end with blanks.
    private static func lines(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "", "", " ", "  ", "\t", "a", "- b", "# c", "---", "...", "é", "%", "x: 'y'", "\u{A0}", "|",
        ]
        return (0..<Int.random(in: 1...6, using: &random)).map { _ in
            (0..<Int.random(in: 0...3, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
        }.joined(separator: "\n")
    }

    /// Text of fragments that is the same in both versions of YAML when PyYAML writes it.
    private static func text(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...5, using: &random)
        return (0..<count).map { _ in fragments.randomElement(using: &random) ?? "" }.joined()
    }
}

extension JSONValue {
    /// Whether a YAML text reads as this value, floats apart from whole numbers.
    fileprivate func isRead(from yaml: String) throws -> Bool {
        try JSONValue(parsingYAML: Array(yaml.utf8)).normalized.serialized == serialized
    }
}
