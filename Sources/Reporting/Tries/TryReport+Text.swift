package import Evidence
import Jobs
import Prompts
package import Support
import Tracing

/// A try with the figures of its versions.
package struct TriedVersions: Presentable {
    /// What was tried.
    package let report: TryReport
    /// The figures of the versions.
    package let comparison: TraceComparison

    /// A try.
    package init(_ report: TryReport, _ comparison: TraceComparison) {
        (self.report, self.comparison) = (report, comparison)
    }

    package func blocks(_ style: TextStyle) -> [[String]] {
        let failing = report.cases.filter { !$0.isPassed }
        return comparison.blocks(style) + failing.map { $0.lines(style) } + [[style(summary, .bold)]]
    }

    /// The numbers as one line.
    var summary: String {
        let (passed, regressions) = (
            report.cases.count(where: \.isPassed), report.cases.count(where: \.isRegression)
        )
        let missing = report.cases.count { $0.outcome == .notRun }
        let compared = report.cases.contains { $0.base != nil }
        return "\(passed) of \(Quantity.of(report.cases.count, "case")) passed"
            + (compared ? ", \(Quantity.of(regressions, "regression"))" : "")
            + (missing > 0 ? ", \(Quantity.grouped(missing)) not run" : "")
            + "; \(Quantity.of(report.made, "call"))"
            + (report.stop == nil ? "" : " of \(Quantity.grouped(report.planned))")
            + (report.unanswered > 0 ? ", \(Quantity.grouped(report.unanswered)) not answered" : "")
            + (report.cost.map { ", \(FigureText.money($0))" } ?? "")
            + (report.stop.map { "; stopped: \($0.escapedForTerminal)" } ?? "")
    }

    package var json: JSONValue {
        var json = comparison.json
        json["job"] = .string(report.job)
        json["models"] = JSONValue(report.models)
        json["started_at"] = JSONValue(Moment(report.startedAt)?.text)
        json["status"] = .string(report.isInterrupted ? "interrupted" : report.hasFailed ? "failed" : "ok")
        json["strict"] = .bool(report.isStrict)
        json["calls"] = JSONValue(["planned": report.planned, "made": report.made])
        json["unanswered_calls"] = JSONValue(report.unanswered)
        json["cost"] = JSONValue(report.cost)
        json["stopped"] = JSONValue(report.stop)
        json["cases"] = .array(report.cases.map(\.json))
        return json
    }
}

extension TryReport.Case {
    /// The failing checks with what was expected, and what came.
    fileprivate func lines(_ style: TextStyle) -> [String] {
        let sign =
            switch outcome {
            case .notRun, .incomplete: style("-", .dim)
            default: style("✗", isFailure ? .red : .yellow)
            }
        let word = outcome == .failed ? "" : " \(style(verdict, isRegression ? .red : .dim))"
        let title =
            "\(sign) \(style(one.name.escapedForTerminal, .bold)) (\(prompt.escapedForTerminal))\(word)"
        return [title] + failures.map { "    " + $0.escapedForTerminal }
    }

    /// How the version that is tried did, in a word or two.
    var verdict: String {
        switch outcome {
        case .passed: "passed"
        case .regression: "regression"
        case .failed: "fails"
        case .unanswered: "not compared"
        case .incomplete: "not run in full"
        case .notRun: "not run"
        }
    }

    /// How many of the calls were made; nil where all were, or none.
    var gap: String? {
        if isComplete || outcome == .notRun { return nil }
        let made = [candidate, base].compactMap(\.self).map { "v\($0.version) \($0.attempts.count)" }
        return "answers of \(repetitions): \(made.joined(separator: ", "))"
    }

    /// What failed, line by line.
    var failures: [String] {
        var lines = [gap].compactMap(\.self)
        for side in [candidate, base].compactMap(\.self) {
            guard let error = side.attempts.lazy.compactMap(\.failure).first else { continue }
            let isBoth = side.version != candidate.version && candidate.unanswered > 0
            lines.append(
                "v\(side.version) did not answer\(isBoth ? ", either" : "")"
                    + "\(side.share(side.unanswered)): \(error)")
        }
        for index in one.checks.indices {
            let failing = candidate.attempts.filter { $0.failure == nil && !$0.checks[index].isPassed }
            guard let first = failing.first else { continue }
            let check = one.checks[index]
            lines.append("\(check.kind.rawValue): \(check.expected)")
            let actual = first.checks[index].actual
            lines.append("v\(candidate.version)\(candidate.share(failing.count)): \(actual)")
            guard let base else { continue }
            let others = base.attempts.filter { $0.failure == nil && !$0.checks[index].isPassed }
            if let other = others.first {
                let share = base.share(others.count)
                lines.append("v\(base.version) fails, too\(share): \(other.checks[index].actual)")
            } else if base.attempts.isEmpty {
                lines.append("v\(base.version) was not asked")
            } else if base.unanswered < base.attempts.count {
                lines.append("v\(base.version) passes")
            }
        }
        return lines
    }

    fileprivate var json: JSONValue {
        JSONValue([
            "name": one.name, "prompt": prompt, "status": outcome.rawValue, "passed": isPassed,
            "regression": isRegression,
            "candidate": candidate.json, "against": base?.json,
        ])
    }
}

extension TryReport.Side {
    /// How many of how many calls, in brackets; nothing where there was one.
    fileprivate func share(_ count: Int) -> String {
        attempts.count > 1 ? " (\(count) of \(attempts.count))" : ""
    }

    fileprivate var json: JSONValue {
        JSONValue(["version": version, "passed": passed, "attempts": attempts.map(\.json)])
    }
}

extension TryReport.Attempt {
    fileprivate var json: JSONValue {
        JSONValue([
            "passed": isPassed, "output": output, "error": failure, "latency_ms": run.milliseconds,
            "tokens": JSONValue([
                "input": run.usage?.input, "output": run.usage?.output, "total": run.usage?.total,
            ]), "cost": JSONValue(run.cost), "trace": traceID,
            "checks": checks.map { result in
                JSONValue([
                    "check": result.check.kind.rawValue, "expected": result.check.expected,
                    "passed": result.isPassed, "actual": result.actual,
                ])
            },
        ])
    }
}
