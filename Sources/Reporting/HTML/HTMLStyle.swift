import FoundationEssentials
import Support

/// How the HTML pages look, and what a browser lets them do.
enum HTMLStyle {
    /// The policy of a page: nothing is loaded or run, and no other style sheet counts.
    static let policy =
        "default-src 'none'; style-src '\(digest)'; base-uri 'none'; form-action 'none'"

    /// What a browser knows the style sheet by.
    private static let digest: String = {
        let digits = Array(SHA256.hexDigest(of: sheet.utf8))
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0..<$0 + 2]), radix: 16)
        }
        return "sha256-" + Data(bytes).base64EncodedString()
    }()

    /// The style sheet. Paper is white, whatever the screen is.
    static let sheet = colors + layout + diffs + charts + paper

    private static let colors = """
        :root{color-scheme:light dark;--text:#1f2328;--dim:#57606a;--page:#fff;--card:#f3f5f7;--line:#d0d7de;\
        --link:#0757ba;--good:#116329;--bad:#a40e26;--old:#ffebe9;--oldword:#ffc1ba;--new:#dafbe1;--newword:#9be9a8;\
        --s0:#0757ba;--s1:#b35900;--s2:#116329;--s3:#8250df;--s4:#a40e26;--s5:#57606a}
        @media screen and (prefers-color-scheme:dark){:root{--text:#e6edf3;--dim:#9da7b1;--page:#0d1117;\
        --card:#161b22;--line:#3d444d;--link:#6cb6ff;--good:#56d364;--bad:#ff8f88;--old:#3c1618;--oldword:#7d2a2c;\
        --new:#0f2d1a;--newword:#1d6334;--s0:#6cb6ff;--s1:#f0a35e;--s2:#56d364;--s3:#bc8cff;--s4:#ff8f88;\
        --s5:#9da7b1}}

        """

    private static let layout = """
        body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 4rem;background:var(--page);color:var(--text);\
        font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
        h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
        h2{font-size:1.25rem;margin:2rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
        h3,h4{font-size:1rem;margin:0;display:inline}
        h4{display:block;margin:1rem 0 .35rem}
        a{color:var(--link)}
        :focus-visible{outline:2px solid var(--link);outline-offset:2px}
        code,.pre,.diff td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
        .pre{white-space:pre-wrap;margin:.25rem 0;padding:.5rem .75rem;background:var(--card);border-radius:6px}
        dl{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:0}
        dt{color:var(--dim);font-size:.875rem}
        dd{margin:0}
        ul{padding-left:1.25rem}
        .badge{font-size:1rem;border:1px solid;border-radius:1rem;padding:.1rem .7rem;white-space:nowrap}
        .good{color:var(--good)}
        .bad{color:var(--bad)}
        .dim{color:var(--dim)}
        .counts{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;padding:0;margin:0 0 1rem}
        .counts li{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.4rem .9rem}
        .counts strong{font-size:1.35rem}
        table{border-collapse:collapse;width:100%}
        caption{text-align:left;color:var(--dim);font-size:.875rem;padding:.25rem 0}
        th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
        tbody th{font-weight:600}
        .wide{overflow-x:auto;overflow-wrap:normal}
        details{border:1px solid var(--line);border-radius:6px;margin:.6rem 0;padding:.5rem .9rem}
        summary{cursor:pointer}

        """

    private static let diffs = """
        .diff{table-layout:fixed;border:1px solid var(--line)}
        .diff td,.diff th{padding:.1rem .5rem;border:0}
        .diff thead th{background:var(--card);font-size:.875rem;overflow-wrap:anywhere}
        .diff .at{width:3.5em;text-align:right;color:var(--text);user-select:none}
        .diff .text{white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
        .diff .old{background:var(--old)}
        .diff .new{background:var(--new)}
        .diff .hunk td{background:var(--card);color:var(--dim)}
        del,ins{text-decoration:none;border-radius:2px}
        del{background:var(--oldword)}
        ins{background:var(--newword)}
        @media (forced-colors:active){del{text-decoration:line-through}ins{text-decoration:underline}}

        """

    private static let charts = """
        figure{margin:1rem 0}
        figcaption{font-weight:600}
        svg{display:block;width:100%;max-width:46rem;height:auto}
        svg.sample{display:inline-block;width:1.5rem;vertical-align:middle}
        svg text{fill:var(--dim);font:12px system-ui,sans-serif}
        svg .grid{stroke:var(--line)}
        .s0{--s:var(--s0)}.s1{--s:var(--s1)}.s2{--s:var(--s2)}.s3{--s:var(--s3)}.s4{--s:var(--s4)}.s5{--s:var(--s5)}
        svg rect,svg circle{fill:var(--s)}
        svg polyline{fill:none;stroke:var(--s);stroke-width:2}
        .s1 polyline{stroke-dasharray:6 3}.s2 polyline{stroke-dasharray:2 3}.s3 polyline{stroke-dasharray:9 3 2 3}

        """

    private static let paper = """
        @media print{body{max-width:none;padding:0;font-size:10pt}:root{color-scheme:light}
        details::details-content{display:block;content-visibility:visible}
        *{print-color-adjust:exact}h2,h3,h4,summary{break-after:avoid}tr,figure,.counts{break-inside:avoid}
        .wide{overflow:visible;overflow-wrap:anywhere}del{text-decoration:line-through}ins{text-decoration:underline}}

        """
}
