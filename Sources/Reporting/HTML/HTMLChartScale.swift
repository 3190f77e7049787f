/// The axis of a chart: from zero, or below it, to a round number above all figures.
struct HTMLChartScale: Sendable {
    /// The numbers that are written at the axis.
    let ticks: [Double]

    /// The most intervals of the axis.
    private static let intervals = 5.0

    /// The axis for some figures.
    init(_ values: [Double]) {
        let (low, high) = (min(values.min() ?? 0, 0), max(values.max() ?? 0, 0))
        let step = Self.step(of: (high - low) / Self.intervals)
        let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
        guard first.isFinite, last.isFinite, last - first <= 2 * Self.intervals, last > first else {
            ticks = [0, 1]
            return
        }
        ticks = (Int(first)...Int(last)).map { Double($0) * step }
    }

    /// How far up the axis a value is, from 0 to 1.
    func share(of value: Double) -> Double {
        guard let first = ticks.first, let last = ticks.last else { return 0 }
        return min(max((value - first) / (last - first), 0), 1)
    }

    /// The round number that is at least as large: 1, 2 or 5 with some zeros.
    private static func step(of size: Double) -> Double {
        guard size.isFinite, size > 0 else { return 1 }
        var power = 1.0
        while power * 10 <= size, power < 1e300 { power *= 10 }
        while power > size, power > 1e-300 { power /= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= size } ?? power
    }
}
