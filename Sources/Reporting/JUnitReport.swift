package import Execution
import Planning
import Prompts

/// The report as JUnit XML, which every CI system shows: a test case a prompt.
package enum JUnitReport {
    /// What became of a test case.
    private enum Verdict {
        case passed
        case skipped(String)
        case failed(type: String, message: String, text: String)
        case broken(RegistryError)
    }

    private struct Case {
        var name: String
        var elapsedMs: Int
        var verdict: Verdict
    }

    /// The report as XML, ended by a newline.
    ///
    /// - Parameter report: The report.
    /// - Returns: The text.
    package static func render(_ report: RunReport) -> String {
        let className = report.target.map { "\(report.title).\($0)" } ?? report.title
        let cases = cases(of: report)
        let numbers = numbers(of: cases)
        let time = (name: "time", value: Quantity.seconds(milliseconds: report.elapsedMs))
        // The format knows times without zone and fraction only; these are UTC.
        let timestamp = (name: "timestamp", value: String(report.startedAt.prefix(19)))
        let suite = XMLElement(
            name: "testsuite", attributes: [("name", report.title)] + numbers + [time, timestamp],
            children: cases.map { element(of: $0, className: className) })
        // The root, unlike a suite, has no number of skipped cases.
        let all = numbers.filter { $0.name != "skipped" }
        return XMLElement(
            name: "testsuites", attributes: [("name", "promptreg")] + all + [time], children: [suite]
        ).document
    }

    private static func numbers(of cases: [Case]) -> [(name: String, value: String)] {
        var (failures, errors, skipped) = (0, 0, 0)
        for testCase in cases {
            switch testCase.verdict {
            case .passed: break
            case .skipped: skipped += 1
            case .failed: failures += 1
            case .broken: errors += 1
            }
        }
        return [
            ("tests", String(cases.count)), ("failures", String(failures)), ("errors", String(errors)),
            ("skipped", String(skipped)),
        ]
    }

    // MARK: Verdicts

    private static func cases(of report: RunReport) -> [Case] {
        var cases = report.prompts.map { prompt in
            Case(
                name: prompt.name, elapsedMs: prompt.elapsedMs,
                verdict: verdict(on: prompt, of: report))
        }
        if let error = report.error {
            cases.append(Case(name: "registry", elapsedMs: 0, verdict: .broken(error)))
        }
        return cases
    }

    private static func verdict(on prompt: PromptReport, of report: RunReport) -> Verdict {
        let wording = PromptWording(prompt, of: report)
        let aliases = wording.aliases.map { "alias \($0)" }
        if prompt.status == .failed {
            let message = prompt.error?.message ?? wording.state
            return .failed(
                type: prompt.error?.code.rawValue ?? "failed", message: message,
                text: ([prompt.error.map(text(of:)) ?? message] + aliases).joined(separator: "\n"))
        }
        if report.mode != .run {
            let action = prompt.action == .unchanged ? "aliases" : wording.state
            return prompt.isQuiet ? .passed : .skipped("planned: \(action)")
        }
        if prompt.status == .notRun { return .skipped("not run") }
        guard let worst = worstAlias(of: prompt) else { return .passed }
        return .failed(
            type: "alias-\(worst.rawValue)", message: aliasMessage(worst),
            text: aliases.joined(separator: "\n"))
    }

    /// The worst that became of a prompt's aliases; nil when all are where they should be.
    private static func worstAlias(of prompt: PromptReport) -> AliasStatus? {
        let statuses = Set(prompt.aliases.map(\.status))
        return [AliasStatus.failed, .restored, .held].first { statuses.contains($0) }
    }

    private static func aliasMessage(_ status: AliasStatus) -> String {
        switch status {
        case .ok: "the aliases are where they should be"
        case .held: "the version is registered, but its aliases were held"
        case .failed: "the version is registered, but an alias could not be moved"
        case .restored: "the version is registered, but its aliases were moved back"
        }
    }

    // MARK: XML

    private static func element(of testCase: Case, className: String) -> XMLElement {
        let time = Quantity.seconds(milliseconds: testCase.elapsedMs)
        var element = XMLElement(
            name: "testcase",
            attributes: [("classname", className), ("name", testCase.name), ("time", time)])
        switch testCase.verdict {
        case .passed: break
        case .skipped(let reason):
            element.children = [XMLElement(name: "skipped", attributes: [("message", reason)])]
        case .failed(let type, let message, let text):
            element.children = [
                XMLElement(name: "failure", attributes: [("type", type), ("message", message)], text: text)
            ]
        case .broken(let error):
            element.children = [
                XMLElement(
                    name: "error", attributes: [("type", error.code.rawValue), ("message", error.message)],
                    text: text(of: error))
            ]
        }
        return element
    }

    private static func text(of error: RegistryError) -> String {
        error.message + (error.hint.map { "\nhelp: \($0)" } ?? "")
    }
}
