package import Evidence
import Prompts
package import Support
import Tracing

extension TraceComparison {
    package var json: JSONValue {
        JSONValue([
            "schema_version": 1, "tool": JSONValue(["name": "promptreg", "version": toolVersion]),
            "registry": registry.address, "workspace": registry.workspace,
            "experiments": experiments, "since": Moment(window.since)?.text,
            "until": Moment(window.until)?.text, "prompts": prompts.map(\.json), "notes": notes,
        ])
    }
}

extension TraceComparison.Prompt {
    fileprivate var json: JSONValue {
        JSONValue(["name": name, "against": base, "versions": versions.map(\.json)])
    }
}

extension TraceComparison.Version {
    fileprivate var json: JSONValue {
        var json = JSONValue([
            "version": number, "aliases": aliases, "traces": figures.traces, "errors": figures.errors,
            "error_rate": JSONValue(figures.errorRate),
            "latency_ms": JSONValue([
                "mean": JSONValue(figures.latency?.mean), "p50": JSONValue(figures.latencyP50),
                "p95": JSONValue(figures.latencyP95),
            ]),
            "tokens": JSONValue([
                "input": figures.inputTokens.json, "output": figures.outputTokens.json,
                "total": figures.totalTokens.json,
            ]), "cost": figures.cost.json,
            "feedback": figures.feedback.mapValues { given in
                JSONValue(["mean": JSONValue(given.numbers?.mean), "count": given.count])
            },
        ])
        json["difference"] = difference?.json
        return json
    }
}

extension TraceFigures.Figure? {
    fileprivate var json: JSONValue {
        JSONValue(["mean": JSONValue(self?.mean), "sum": JSONValue(self?.sum)])
    }
}

extension TraceDifference {
    fileprivate var json: JSONValue {
        JSONValue([
            "error_rate": errorRate?.json, "latency_ms": latency?.json,
            "tokens": JSONValue([
                "input": inputTokens?.json, "output": outputTokens?.json, "total": totalTokens?.json,
            ]), "cost": cost?.json, "feedback": feedback.mapValues(\.json),
        ])
    }
}

extension FigureDifference {
    fileprivate var json: JSONValue {
        JSONValue([
            "base": JSONValue(base), "value": JSONValue(value), "percent": JSONValue(percent),
            "p_value": JSONValue(probability), "significant": isSignificant,
        ])
    }
}

extension JSONValue {
    /// A number, whole where it is; nil, and what JSON cannot say, is `null`.
    init(_ number: Double?) {
        guard let number, number.isFinite else {
            self = .null
            return
        }
        self = Int(exactly: number).map { .number("\($0)") } ?? .number("\(number)")
    }
}
