import Support

/// Figures for people.
package enum FigureText {
    /// A share such as `2.5 %`.
    package static func share(_ share: Double) -> String { (share * 100).fixed(1) + " %" }

    /// A change such as `+5.1 %`, with as many digits as tell it from the one that it is compared with.
    static func change(_ change: Double, against limit: Double) -> String {
        let isEqual = abs(change - limit) <= 1e-12
        let digits = (1...6).first { isEqual || (change * 100).fixed($0) != (limit * 100).fixed($0) } ?? 6
        return (change < 0 ? "" : "+") + (change * 100).fixed(digits) + " %"
    }

    /// A time in milliseconds, such as `1.80 s`.
    package static func time(_ milliseconds: Double) -> String {
        milliseconds < 1_000 ? milliseconds.fixed(0) + " ms" : (milliseconds / 1_000).fixed(2) + " s"
    }

    /// A mean of whole numbers.
    package static func count(_ number: Double) -> String { number.fixed(1) }

    /// An amount of dollars, with as many digits as small ones need.
    package static func money(_ dollars: Double) -> String { "$" + dollars.fixed(abs(dollars) < 1 ? 5 : 2) }
}
