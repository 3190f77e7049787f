import Support

/// Figures for people.
package enum FigureText {
    /// A share such as `2.5 %`.
    package static func share(_ share: Double) -> String { (share * 100).fixed(1) + " %" }

    /// A time in milliseconds, such as `1.80 s`.
    package static func time(_ milliseconds: Double) -> String {
        milliseconds < 1_000 ? milliseconds.fixed(0) + " ms" : (milliseconds / 1_000).fixed(2) + " s"
    }

    /// A mean of whole numbers.
    package static func count(_ number: Double) -> String { number.fixed(1) }

    /// An amount of dollars, with as many digits as small ones need.
    package static func money(_ dollars: Double) -> String { "$" + dollars.fixed(abs(dollars) < 1 ? 5 : 2) }
}
