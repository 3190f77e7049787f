import Support

/// A chart as inline SVG. Its figures are below it as a table, for those who do not see it or want to know exactly.
package struct HTMLChart: Sendable {
    /// How the figures are drawn.
    package enum Kind: Sendable {
        /// Bars side by side for each label.
        case bars
        /// A line of each series through the labels, interrupted where a figure is not known.
        case lines
    }

    /// Figures that belong together, one for each label.
    package struct Series: Sendable {
        /// What they are.
        package var name: String
        /// The figures; nil for one that is not known.
        package var values: [Double?]

        /// A series.
        package init(_ name: String, _ values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    private let kind: Kind
    private let title: String
    private let unit: String
    private let axis: String
    private let labels: [String]
    private let series: [Series]
    private let scale: HTMLChartScale

    private static let (width, height) = (720.0, 260.0)
    private static let (left, right, top, bottom) = (64.0, 12.0, 12.0, 28.0)
    /// The looks of series, after which they begin again.
    private static let looks = 6
    /// The most labels below a chart; of more, some are left out.
    private static let mostLabels = 8
    /// The most characters of a label below a chart.
    private static let longestLabel = 14

    /// A chart.
    ///
    /// - Parameters:
    ///   - kind: How the figures are drawn.
    ///   - title: What the chart shows.
    ///   - unit: What the figures count, such as `ms`; empty for numbers alone.
    ///   - axis: What the labels are, such as `Version` or `Day`.
    ///   - labels: What the figures belong to, in order.
    ///   - series: The figures.
    package init(
        _ kind: Kind, title: String, unit: String, axis: String, labels: [String], series: [Series]
    ) {
        self.kind = kind
        self.title = title
        self.unit = unit
        self.axis = axis
        self.labels = labels
        self.series = series.map { series in
            Series(series.name, series.values.map { $0.flatMap { $0.isFinite ? $0 : nil } })
        }
        scale = HTMLChartScale(self.series.flatMap { $0.values.compactMap(\.self) })
    }

    /// The chart with its title, its legend and the table of its figures.
    package var html: HTML {
        let caption = unit.isEmpty ? title : "\(title) (\(unit))"
        let legend = series.enumerated().map { number, series in
            HTML.element("li", sample(number), HTML(" " + series.name))
        }
        let plot = HTML.element(
            "svg",
            [
                "viewBox": "0 0 \(Self.number(Self.width)) \(Self.number(Self.height))", "role": "img",
                "aria-label": "\(caption): the figures are in the table below",
            ], axes + series.indices.map(drawing))
        let rows = labels.indices.map { index in
            [HTML(labels[index])]
                + series.map { HTML(value(of: $0, at: index).map(Self.number) ?? "not known") }
        }
        return .element(
            "figure", .element("figcaption", HTML(caption)),
            .element("ul", ["class": "counts legend"], legend), plot,
            .element(
                "details", .element("summary", HTML("Figures of “\(title)”")),
                .table(caption: caption, columns: [axis] + series.map(\.name), rows: rows)))
    }

    /// A number for people: as many digits as tell figures apart.
    ///
    /// - Parameter value: The number.
    /// - Returns: The number with four digits or more that count.
    package static func number(_ value: Double) -> String {
        let size = value.magnitude
        guard size < 1e15 else { return "\(value)" }
        if size >= 1_000 { return Quantity.grouped(Int(value.rounded())) }
        var decimals = size >= 100 ? 1 : size >= 1 ? 2 : 4
        var first: Double = size * 10
        while first > 0, first < 1, decimals < 12 { (first, decimals) = (first * 10, decimals + 1) }
        if first > 0, first < 1 { return "\(value)" }
        let digits = value.fixed(decimals)
        let end = digits.lastIndex { $0 != "0" } ?? digits.startIndex
        return String(digits[...end].hasSuffix(".") ? digits[..<end] : digits[...end])
    }

    // MARK: Drawing

    private func value(of series: Series, at index: Int) -> Double? {
        index < series.values.count ? series.values[index] : nil
    }

    private func x(of index: Int) -> Double {
        let room = Self.width - Self.left - Self.right
        return Self.left + room * (Double(index) + 0.5) / Double(max(labels.count, 1))
    }

    private func y(of value: Double) -> Double {
        let room = Self.height - Self.top - Self.bottom
        return Self.top + room * (1 - scale.share(of: value))
    }

    private static func place(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    /// How a series looks, for the legend.
    private func sample(_ number: Int) -> HTML {
        .element(
            "svg", ["class": "sample s\(number % Self.looks)", "viewBox": "0 0 24 8", "aria-hidden": "true"],
            kind == .bars
                ? .element("rect", ["width": "24", "height": "8"])
                : .element("polyline", ["points": "0,4 24,4"]))
    }

    private var axes: [HTML] {
        let ticks = scale.ticks.map { tick in
            let y = Self.place(y(of: tick))
            return HTML([
                .element(
                    "line",
                    [
                        "class": "grid", "x1": Self.place(Self.left),
                        "x2": Self.place(Self.width - Self.right),
                        "y1": y, "y2": y,
                    ]),
                .element(
                    "text",
                    [
                        "x": Self.place(Self.left - 6), "y": y, "text-anchor": "end",
                        "dominant-baseline": "middle",
                    ], HTML(Self.number(tick))),
            ])
        }
        let step = max(1, (labels.count + Self.mostLabels - 1) / Self.mostLabels)
        let names = stride(from: 0, to: labels.count, by: step).map { index in
            let label = labels[index]
            let isLong = label.count > Self.longestLabel
            return HTML.element(
                "text",
                [
                    "x": Self.place(x(of: index)), "y": Self.place(Self.height - 8), "text-anchor": "middle",
                ], HTML(isLong ? String(label.prefix(Self.longestLabel - 1)) + "…" : label))
        }
        return ticks + names
    }

    private func drawing(of number: Int) -> HTML {
        let marks: [HTML]
        switch kind {
        case .bars: marks = bars(of: number)
        case .lines: marks = lines(of: number)
        }
        return .element("g", ["class": "s\(number % Self.looks)"], marks)
    }

    private func bars(of number: Int) -> [HTML] {
        let group = (Self.width - Self.left - Self.right) / Double(max(labels.count, 1)) * 0.8
        let width = group / Double(max(series.count, 1))
        return labels.indices.compactMap { index in
            guard let value = value(of: series[number], at: index) else { return nil }
            let (end, zero) = (y(of: value), y(of: 0))
            return .element(
                "rect",
                [
                    "x": Self.place(x(of: index) - group / 2 + Double(number) * width),
                    "y": Self.place(min(end, zero)), "width": Self.place(width * 0.9),
                    "height": Self.place(max(abs(zero - end), 1)),
                ])
        }
    }

    private func lines(of number: Int) -> [HTML] {
        let points = labels.indices.map { index in
            value(of: series[number], at: index).map { (x(of: index), y(of: $0)) }
        }
        let runs = points.split { $0 == nil }.map { run in
            run.compactMap(\.self).map { "\(Self.place($0.0)),\(Self.place($0.1))" }.joined(separator: " ")
        }
        let dots = points.compactMap(\.self).map { point in
            HTML.element(
                "circle", ["cx": Self.place(point.0), "cy": Self.place(point.1), "r": "3"])
        }
        return runs.map { HTML.element("polyline", ["points": $0]) } + dots
    }
}
