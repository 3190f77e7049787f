import Testing

@testable import Reporting

@Suite("Charts of HTML pages")
struct HTMLChartTests {
    @Test(
        "write numbers for people",
        arguments: [
            (0, "0"), (1, "1"), (2.5, "2.5"), (1.0 / 3, "0.3333"), (0.00301, "0.00301"), (0.00001, "0.00001"),
            (0.000482, "0.000482"), (-0.0004567891, "-0.0004568"), (1e-15, "1e-15"),
            (123.456, "123.5"), (1_234.5, "1,235"), (12_345_678, "12,345,678"), (-2.25, "-2.25"),
            (1e18, "1e+18"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) { #expect(HTMLChart.number(value) == text) }

    @Test(
        "have an axis of round numbers around all figures",
        arguments: [
            ([], [0, 1]), ([0], [0, 1]), ([3], [0, 1, 2, 3]), ([7, 9.5], [0, 2, 4, 6, 8, 10]),
            ([250, 180], [0, 50, 100, 150, 200, 250]), ([0.0021], [0, 0.0005, 0.001, 0.0015, 0.002, 0.0025]),
            ([-3, 4], [-4, -2, 0, 2, 4]), ([.infinity], [0, 1]), ([1e308], [0, 1]),
        ] as [([Double], [Double])])
    func axis(values: [Double], expected: [Double]) {
        let ticks = HTMLChartScale(values).ticks
        #expect(ticks.count == expected.count)
        for (tick, wanted) in zip(ticks, expected) {
            #expect(abs(tick - wanted) <= 1e-9 * max(1, abs(wanted)))
        }
    }

    @Test("draw what is known, and say in their table what is not")
    func drawing() {
        let chart = HTMLChart(
            .lines, title: "Latency", unit: "ms", axis: "Version", labels: ["v1", "v2", "v3", "v4"],
            series: [.init("p50", [1, nil, 3, 4]), .init("<p95>", [2, .nan, 6])])
        let source = chart.html.source
        // The second series has a run that ends before its figures do.
        #expect(source.count(of: "<polyline points=") == 2 + 4)
        #expect(source.count(of: "<circle") == 5)
        #expect(source.count(of: "<td>not known</td>") == 3)
        #expect(source.contains("<th scope=\"col\">&lt;p95&gt;</th>"))
        #expect(source.contains("<figcaption>Latency (ms)</figcaption>"))
        let bars = HTMLChart(
            .bars, title: "Cost", unit: "", axis: "Version", labels: [], series: [.init("v", [])])
        #expect(!bars.html.source.contains("<rect x="))
    }

    @Test("name some of many labels, and cut long ones")
    func labels() {
        let labels = (0..<100).map { "\($0) of a label that is very long" }
        let chart = HTMLChart(
            .bars, title: "t", unit: "", axis: "Day", labels: labels,
            series: [.init("v", labels.indices.map(Double.init))])
        let source = chart.html.source
        #expect(source.count(of: "text-anchor=\"middle\"") == 8)
        #expect(source.contains(">0 of a label …</text>"))
        #expect(source.count(of: "<rect x=") == 100)
        // The legend shows what is drawn.
        #expect(!source.contains("<polyline"))
    }

    @Test("are on a page as Tests/Browser sees it")
    func page() throws {
        let versions = ["v1", "v2", "v3", "<v4>"]
        let page = HTMLPage(
            title: "promptreg: charts", verdict: .good("kept"), facts: [("Prompt", .code("cost_worker"))],
            sections: [
                .init("Numbers", [.counts([("1,234", "traces"), ("3", "errors")])]),
                .init(
                    "Latency",
                    [
                        HTMLChart(
                            .lines, title: "Latency by version", unit: "ms", axis: "Version",
                            labels: versions,
                            series: [
                                .init("p50", [900, 850, nil, 700]),
                                .init("p95", [2_500, 1_800, 1_750, 1_500]),
                            ]
                        ).html,
                        HTMLChart(
                            .bars, title: "Tokens by version", unit: "", axis: "Version", labels: versions,
                            series: (0..<6).map { number in
                                .init("kind \(number)", (0..<4).map { Double(100 * number + 10 * $0 + 5) })
                            }
                        ).html,
                    ]),
            ])
        try expectSnapshot(page.document, "page-charts.html")
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
