import Foundation
import FoundationXML
import Testing

@testable import Execution
@testable import Reporting

@Suite("The report as JUnit XML")
struct JUnitReportTests {
    @Test(
        "looks as kept, and is well formed",
        arguments: ["done", "held", "restored", "interrupted", "not-begun", "planned", "hostile"])
    func snapshot(name: String) throws {
        let report = try ReportFixture.named(name)
        let text = JUnitReport.render(report)
        _ = try elements(of: text)
        try expectSnapshot(text, "report-\(name).xml")
    }

    @Test("has numbers that are those of its cases")
    func numbers() throws {
        for report in [
            ReportFixture.held, ReportFixture.interrupted, ReportFixture.notBegun, HostileFixture.report,
        ] {
            let elements = try elements(of: JUnitReport.render(report))
            let suite = try #require(elements.first { $0.name == "testsuite" })
            func count(_ name: String) -> String { String(elements.count { $0.name == name }) }
            #expect(suite.attributes["tests"] == count("testcase"))
            #expect(suite.attributes["failures"] == count("failure"))
            #expect(suite.attributes["errors"] == count("error"))
            #expect(suite.attributes["skipped"] == count("skipped"))
        }
    }

    @Test("gives back what was written, but for what XML cannot hold")
    func roundTrip() throws {
        let elements = try elements(of: JUnitReport.render(HostileFixture.report))
        let expected = HostileFixture.text.replacing("\u{1B}", with: "\u{FFFD}").replacing(
            "\0", with: "\u{FFFD}"
        )
        .replacing("\u{FFFF}", with: "\u{FFFD}")
        let names = elements.filter { $0.name == "testcase" }.map { $0.attributes["name"] }
        #expect(names == [expected, expected, expected, "registry"])
        let failure = try #require(
            elements.first { $0.name == "failure" && $0.attributes["type"] == "failed" })
        #expect(failure.attributes["message"] == expected)
        #expect(failure.text.hasPrefix(expected + "\nhelp: " + expected))
    }

    @Test("fails a prompt whose aliases are not where they should be")
    func aliases() throws {
        func types(_ report: RunReport) throws -> [String?] {
            try elements(of: JUnitReport.render(report)).filter { $0.name == "failure" }
                .map { $0.attributes["type"] }
        }
        #expect(
            try types(ReportFixture.held)
                == ["permission-denied", "alias-held", "alias-held", "alias-held"])
        #expect(
            try types(ReportFixture.restored)
                == ["alias-restored", "conflict", "alias-held", "alias-restored"])
        #expect(try types(ReportFixture.planned).isEmpty)
        #expect(try types(ReportFixture.done).isEmpty)
    }

    // MARK: Reading

    private struct Element {
        var name: String
        var attributes: [String: String]
        var text = ""
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(elements.count)
            elements.append(Element(name: name, attributes: attributes))
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            open.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if let last = open.last { elements[last].text += text }
        }
    }

    private func elements(of text: String) throws -> [Element] {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
        return reader.elements
    }
}
