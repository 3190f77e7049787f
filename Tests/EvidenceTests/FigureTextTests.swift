import Testing

@testable import Evidence

/// What is rounded does not contradict what is said of it.
@Suite struct FigureTextTests {
    @Test(
        arguments: [
            (69.2, 69, "69.2 ms"), (69, 69, "69 ms"), (69.2, nil, "69 ms"), (999.8, 1_000, "999.8 ms"),
            (1_000.4, 1_000, "1.0004 s"), (0.333, nil, "0.3 ms"), (0.004, nil, "0.004 ms"), (0, nil, "0 ms"),
            (2.4, nil, "2.4 ms"), (9.5, nil, "9.5 ms"), (1_800, 2_000, "1.80 s"),
        ] as [(Double, Double?, String)])
    func times(time: Double, other: Double?, text: String) {
        #expect(FigureText.time(time, from: other) == text)
    }

    @Test func othersHaveTheDigitsThatTheyNeed() {
        #expect(FigureText.money(0.00000405) == "$0.000004" && FigureText.money(0.002) == "$0.00200")
        #expect(FigureText.money(1.004, from: 1) == "$1.004" && FigureText.money(0) == "$0.00000")
        #expect(FigureText.share(0.01001, from: 0.01) == "1.001 %" && FigureText.share(0.01) == "1.0 %")
        #expect(FigureText.share(0.0003) == "0.03 %" && FigureText.count(100.04, from: 100) == "100.04")
        #expect(FigureText.change(0.1004, from: 0.1) == "+10.04 %")
        #expect(FigureText.change(-0.5, from: 0.1) == "-50.0 %")
        // What rounding does to a product is no difference, and what is no number is told as such.
        #expect(FigureText.share(0.1 + 0.2, from: 0.3) == "30.0 %")
        #expect(FigureText.number(.nan, digits: 1) == "nan")
    }
}
