package import Execution
import Planning
import Prompts
import Support

/// The report as JUnit XML, which every CI system shows: a test case for each prompt.
package enum JUnitReport {
    /// How every such report begins, that of `try`, too.
    package static let start = XMLElement.declaration + "<testsuites name=\"promptreg\""

    /// The report as XML, ended by a newline.
    ///
    /// - Parameter report: The report.
    /// - Returns: The text.
    package static func render(_ report: RunReport) -> String {
        let className = report.target.map { "\(report.title).\($0)" } ?? report.title
        var cases = report.prompts.map { prompt in
            testCase(
                prompt.name, className, elapsedMs: prompt.elapsedMs, result: result(of: prompt, in: report))
        }
        if let error = report.error {
            let summary = String(error.message.prefix { $0 != "\n" })
            let result = result("error", type: error.code.rawValue, summary, text: text(of: error))
            cases.append(testCase(report.errorSubject, className, elapsedMs: 0, result: result))
        }
        let count = { (name: String) in String(cases.count { $0.children.contains { $0.name == name } }) }
        // The root, unlike a suite, has no number of skipped cases.
        let counts = [
            (name: "tests", value: String(cases.count)), ("failures", count("failure")),
            ("errors", count("error")),
        ]
        let time = (name: "time", value: decimalSeconds(milliseconds: report.elapsedMs))
        // The format's times have no zone and no fraction; these are UTC.
        let timestamp = (name: "timestamp", value: String(report.startedAt.prefix(19)))
        let suite = XMLElement(
            name: "testsuite",
            attributes: [("name", report.title)] + counts + [("skipped", count("skipped")), time, timestamp],
            children: cases)
        return XMLElement(
            name: "testsuites", attributes: [("name", "promptreg")] + counts + [time], children: [suite]
        ).document
    }

    private static func testCase(
        _ name: String, _ className: String, elapsedMs: Int, result: XMLElement?
    ) -> XMLElement {
        let time = decimalSeconds(milliseconds: elapsedMs)
        return XMLElement(
            name: "testcase", attributes: [("classname", className), ("name", name), ("time", time)],
            children: [result].compactMap(\.self))
    }

    /// Why a test case did not pass.
    private static func result(
        _ name: String, type: String, _ message: String, text: String
    ) -> XMLElement {
        XMLElement(name: name, attributes: [("type", type), ("message", message)], text: text)
    }

    /// Why the test case of a prompt did not pass; nil if it did.
    private static func result(of prompt: PromptReport, in report: RunReport) -> XMLElement? {
        let skipped = { (reason: String) in XMLElement(name: "skipped", attributes: [("message", reason)]) }
        let wording = PromptWording(prompt, of: report)
        let aliases = wording.aliases.map { "alias \($0)" }
        if prompt.status == .failed {
            let message = prompt.error?.message ?? wording.state
            return result(
                "failure", type: prompt.error?.code.rawValue ?? "failed", message,
                text: ([prompt.error.map(text(of:)) ?? message] + aliases).joined(separator: "\n"))
        }
        if report.mode != .run {
            if report.refused { return skipped("not planned: the plan has problems") }
            let action = prompt.action == .unchanged ? "aliases" : wording.state
            return prompt.isQuiet ? nil : skipped("planned: \(action)")
        }
        if prompt.status == .notRun { return skipped("not run") }
        let statuses = Set(prompt.aliases.map(\.status))
        let problems: [(AliasStatus, String)] = [
            (.failed, "an alias could not be moved"), (.restored, "its aliases were moved back"),
            (.held, "its aliases were held"),
        ]
        return problems.first { statuses.contains($0.0) }.map { status, problem in
            result(
                "failure", type: "alias-\(status.rawValue)", "the version is registered, but \(problem)",
                text: aliases.joined(separator: "\n"))
        }
    }

    private static func text(of error: RegistryError) -> String {
        error.message + (error.hint.map { "\nhelp: \($0)" } ?? "")
    }
}
