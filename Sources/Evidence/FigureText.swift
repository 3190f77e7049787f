import Support

/// Figures for people. They have so many digits as tell them from nothing, and from the other figure that they are beside.
package enum FigureText {
    /// A share such as `2.5 %`.
    package static func share(_ share: Double, from other: Double? = nil) -> String {
        number(share * 100, digits: 1, from: other.map { $0 * 100 }) + " %"
    }

    /// A change such as `+5.1 %`.
    static func change(_ change: Double, from limit: Double) -> String {
        (change < 0 ? "" : "+") + share(change, from: limit)
    }

    /// A time in milliseconds, such as `1.80 s`.
    package static func time(_ milliseconds: Double, from other: Double? = nil) -> String {
        if milliseconds >= 1_000 {
            return number(milliseconds / 1_000, digits: 2, from: other.map { $0 / 1_000 }) + " s"
        }
        let isSmall = milliseconds < 10 && milliseconds != milliseconds.rounded()
        return number(milliseconds, digits: isSmall ? 1 : 0, from: other) + " ms"
    }

    /// A mean of whole numbers.
    package static func count(_ count: Double, from other: Double? = nil) -> String {
        number(count, digits: 1, from: other)
    }

    /// An amount of dollars.
    package static func money(_ dollars: Double, from other: Double? = nil) -> String {
        "$" + number(dollars, digits: abs(dollars) < 1 ? 5 : 2, from: other)
    }

    /// A number.
    ///
    /// - Parameters:
    ///   - number: The number.
    ///   - digits: How many digits it usually has after its point.
    ///   - other: A number that it has to differ from in what is shown, if it does.
    /// - Returns: The number as it is shown.
    package static func number(_ number: Double, digits: Int, from other: Double? = nil) -> String {
        let others = [0, other].compactMap(\.self).filter {
            abs(number - $0) > 1e-12 * max(abs(number), abs($0))
        }
        let needed = (digits...14).first { digits in
            others.allSatisfy { number.fixed(digits) != $0.fixed(digits) }
        }
        return number.fixed(needed ?? digits)
    }
}
