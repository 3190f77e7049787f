import Support
import Testing

@testable import Diagnostics

extension Diagnostic.Code {
    fileprivate static let sample = Self(rawValue: "sample")
}

@Suite struct DiagnosticRendererTests {
    private let plain = DiagnosticRenderer(color: false)

    private func list(_ source: String?, _ diagnostics: Diagnostic...) -> DiagnosticList {
        var list = DiagnosticList()
        if let source { list.addSource(source, path: "job.yaml") }
        list.add(contentsOf: diagnostics)
        return list
    }

    @Test func aFindingShowsItsLineACaretAndWhatToDo() {
        let finding = Diagnostic.error(
            .sample, "unknown key 'vars'", at: SourceLocation(file: "job.yaml", line: 2, column: 3),
            length: 4,
            help: "did you mean 'variables'?")
        #expect(
            plain.render(list("a: 1\n  vars: 2\n", finding)) == """
                job.yaml:2:3: error: unknown key 'vars' [sample]
                  2 |   vars: 2
                    |   ^~~~
                    help: did you mean 'variables'?

                """)
    }

    @Test func aLineKeepsItsCredentials() {
        let line = #"registry: "https://admin:ge/heim77@host/a""# + " # https://b@c"
        let finding = Diagnostic.error(
            .sample, "no", at: SourceLocation(file: "job.yaml", line: 1, column: 11), length: 2)
        #expect(
            plain.render(list(line, finding)) == """
                job.yaml:1:11: error: no [sample]
                  1 | registry: "https://•••••••••••••••@host/a" # https://•@c
                    |           ^~

                """)
    }

    @Test(arguments: ["a@b", "://a b@c", "://@b", "@://a", "a:/@b"])
    func aLineWithoutCredentialsIsShown(_ line: String) {
        let finding = Diagnostic.error(
            .sample, "no", at: SourceLocation(file: "job.yaml", line: 1, column: 1))
        #expect(plain.render(list(line, finding)).contains("  1 | \(line)\n"))
    }

    @Test func aLineThatRepeatsItselfIsReadOnce() {
        let line = String(repeating: "://", count: 1_000_000) + "secret@host"
        let finding = Diagnostic.error(
            .sample, "no", at: SourceLocation(file: "job.yaml", line: 1, column: 1))
        #expect(!plain.render(list(line, finding)).contains("secret"))
    }

    @Test func aFindingAboutNoPlaceIsOneLine() {
        #expect(plain.render(list(nil, .warning(.sample, "odd", at: nil))) == "warning: odd [sample]\n")
    }

    @Test func findingsAreOrderedByPlace() {
        let places = [(2, 1), (1, 5), (1, 2)].map { line, column in
            Diagnostic.error(.sample, "x", at: SourceLocation(file: "job.yaml", line: line, column: column))
        }
        let lines = plain.render(list(nil, places[0], places[1], places[2])).split(separator: "\n")
        #expect(lines.map { $0.prefix(12) } == ["job.yaml:1:2", "job.yaml:1:5", "job.yaml:2:1"])
    }

    @Test func theCaretStandsUnderItsColumnWhateverTheLineHolds() {
        func excerpt(_ source: String, column: Int) -> [Substring] {
            let finding = Diagnostic.error(
                .sample, "x", at: SourceLocation(file: "job.yaml", line: 1, column: column))
            return plain.render(list(source, finding)).split(separator: "\n").dropFirst().map(\.self)
        }
        #expect(excerpt("\tab", column: 2) == ["  1 |  ab", "    |  ^"])
        #expect(excerpt("é\u{301}x", column: 3) == ["  1 | é\u{301}x", "    |   ^"])
        #expect(excerpt("\u{1B}[31mx", column: 2) == ["  1 | \\u{1b}[31mx", "    |       ^"])
        #expect(excerpt("ab", column: 9) == ["  1 | ab", "    |   ^"])
        #expect(excerpt("\u{FEFF}ab", column: 1) == ["  1 | ab", "    | ^"])
        #expect(excerpt("ab\r\ncd", column: 2) == ["  1 | ab ", "    |  ^"])
    }

    @Test func linesAfterCarriageReturnsAreFound() {
        let finding = Diagnostic.error(.sample, "x", at: SourceLocation(file: "job.yaml", line: 3, column: 1))
        #expect(plain.render(list("a\r\nb\r\nc\r\n", finding)).contains("3 | c"))
    }

    @Test func aLongLineIsCutAroundThePlace() {
        let source = String(repeating: "a", count: 500) + "b" + String(repeating: "c", count: 500)
        let finding = Diagnostic.error(
            .sample, "x", at: SourceLocation(file: "job.yaml", line: 1, column: 501))
        let lines = plain.render(list(source, finding)).split(separator: "\n")
        #expect(lines[1].count < 140 && lines[1].contains("…aaa") && lines[1].hasSuffix("ccc…"))
        let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) }
        let place = lines[1].firstIndex(of: "b").map { lines[1].distance(from: lines[1].startIndex, to: $0) }
        #expect(caret == place)
    }

    @Test func manyFindingsAreCounted() {
        var many = DiagnosticList()
        for line in 1...7 {
            many.add(.error(.sample, "x", at: SourceLocation(file: "a", line: line, column: 1)))
        }
        let text = DiagnosticRenderer(color: false, limit: 5).render(many)
        #expect(text.split(separator: "\n").count == 6)
        #expect(text.hasSuffix("… and 2 more\n"))
    }

    @Test func nothingFromAFileSteersTheTerminal() {
        let finding = Diagnostic.error(
            .sample, "bad \u{1B}]0;x\u{7}\n::error::",
            at: SourceLocation(file: "a\u{1B}b\n", line: 1, column: 1),
            help: "\u{9B}2J")
        let text = plain.render(list(nil, finding))
        #expect(
            text
                == "a\\u{1b}b\\n:1:1: error: bad \\u{1b}]0;x\\u{7}\\n::error:: [sample]\n    help: \\u{9b}2J\n"
        )
    }

    @Test func coloursAreUsedOnlyWhenAsked() {
        let finding = Diagnostic.error(.sample, "x", at: nil)
        #expect(!plain.render(list(nil, finding)).contains("\u{1B}"))
        #expect(DiagnosticRenderer(color: true).render(list(nil, finding)).contains("\u{1B}[1;31merror:"))
    }
}

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain é 漢 👩‍👩‍👧", "plain é 漢 👩‍👩‍👧"), ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\u{0}\u{7F}\u{85}", "\\u{0}\\u{7f}\\u{85}"),
        ("\u{202E}x\u{2066}", "\\u{202e}x\\u{2066}"), ("a\u{2028}b", "a\\u{2028}b"), ("a\r\nb", "a\\r\\nb"),
    ])
    func whatSteersIsMadeVisible(text: String, shown: String) {
        #expect(text.escapedForTerminal == shown)
    }

    @Test func linesAndTabsOfATextAreKept() {
        #expect("a\tb\u{1B}\nc\r\n".escapedLinesForTerminal == "a\tb\\u{1b}\nc\\r\n")
    }
}

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("vairables", "variables"), ("prodd", "prod"), ("PROD", "prod"), ("syntx", "syntax"), ("xyz", nil),
        ("", nil), ("aliasses", "aliases"), (String(repeating: "a", count: 10_000), nil),
    ])
    func theNearestIsFound(word: String, name: String?) {
        #expect(nearestName(to: word, in: ["variables", "prod", "syntax", "aliases"]) == name)
    }
}
