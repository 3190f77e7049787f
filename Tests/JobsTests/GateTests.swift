import Testing

@testable import Jobs

@Suite struct GateTests {
    @Test(
        arguments: [
            ("errors <= 1%", Gate.Subject.errors, Gate.Comparison.atMost, Gate.Limit.number(0.01), nil),
            ("errors<0.02 since 7d", .errors, .less, .number(0.02), 604_800_000),
            ("errors <= +10%", .errors, .atMost, .change(0.1), nil),
            ("latency_p95 <= 2s", .latencyP95, .atMost, .number(2_000), nil),
            ("latency_p50 <= 300ms", .latencyP50, .atMost, .number(300), nil),
            ("latency_mean <= -5%", .latencyMean, .atMost, .change(-0.05), nil),
            ("cost <= +10% since 12h", .cost, .atMost, .change(0.1), 43_200_000),
            ("cost <= $0.01", .cost, .atMost, .number(0.01), nil),
            ("tokens < 500", .tokens, .less, .number(500), nil),
            ("input_tokens != 3", .inputTokens, .unequal, .number(3), nil),
            (" output_tokens == 3.5 ", .outputTokens, .equal, .number(3.5), nil),
            ("traces >= 50", .traces, .atLeast, .number(50), nil),
            ("feedback.quality > 0.8", .feedback("quality"), .more, .number(0.8), nil),
            ("tag.tested = true", .tag("tested"), .equal, .text("true"), nil),
            ("tag.a.b != by hand since 1d", .tag("a.b"), .unequal, .text("by hand since 1d"), nil),
            (
                "run.0a1b metrics.eval/accuracy >= 0.9", .metric(run: "0a1b", name: "eval/accuracy"),
                .atLeast,
                .number(0.9), nil
            ),
        ] as [(String, Gate.Subject, Gate.Comparison, Gate.Limit, Int?)])
    func isRead(
        text: String, subject: Gate.Subject, comparison: Gate.Comparison, limit: Gate.Limit, age: Int?
    ) throws {
        let gate = try Gate(text)
        #expect(gate.subject == subject && gate.comparison == comparison)
        #expect(gate.limit == limit && gate.age == age)
    }

    @Test(arguments: [
        ("", "compares nothing", "errors <= 1%"), ("errors", "compares nothing", "errors <= 1%"),
        ("error <= 1%", "'error' is nothing", "did you mean 'errors'?"),
        ("latency_p99 <= 2s", "nothing that a gate looks at", "did you mean 'latency_p95'?"),
        ("nothing >= 2", "nothing that a gate looks at", "run.RUN_ID metrics.NAME"),
        ("latency_p95 <= 2", "no limit of a latency", "unit"),
        ("errors =< 1%", "'=<' is no comparison", "<="),
        ("cost <= +10", "is no change", "+10%"), ("tokens <= many", "no limit of tokens", "0.8"),
        ("errors <= 1% since", "followed by an age", "since 7d"),
        ("errors <= 1% since 7 days", "followed by an age", "since 7d"), ("tag.a >= 1", "= or !=", ""),
        ("run.x metrics.y >= +5%", "not with a change", ""), ("feedback. >= 1", "nothing that a gate", ""),
        ("traces >= 0x10", "no limit of traces", ""),
        // Limits that nothing exceeds.
        ("errors <= 1", "'1' is all of them or more", "errors <= 1%"),
        ("errors < 2", "'2' is all of them or more", "errors < 2%"),
        ("errors <= 100%", "'100%' is all of them or more", "errors <= 1%"),
        ("errors <= 101%", "'101%' is all of them or more", "errors <= 1%"),
    ])
    func othersAreRefused(text: String, message: String, hint: String) {
        #expect {
            _ = try Gate(text)
        } throws: { error in
            guard let problem = error as? Gate.Problem else { return false }
            return problem.message.contains(message) && (problem.hint ?? "").contains(hint)
        }
    }
}
