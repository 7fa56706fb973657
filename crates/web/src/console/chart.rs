//! Charts as SVG: scales and rectangles; the templates in `charts/` draw them.
//!
//! Numbers come in, places on a canvas come out, already as text. Colours are classes, so that dark
//! and light and paper are the style's matter. Each chart has a table beside it with the same
//! numbers.

use std::fmt::Write as _;

/// One layer of a column.
pub(super) struct Bar {
    /// The class that colours it.
    pub(super) class: &'static str,
    /// Where it begins from the left.
    pub(super) x: String,
    /// Where it begins from the top.
    pub(super) y: String,
    /// How wide.
    pub(super) width: String,
    /// How high.
    pub(super) height: String,
}

/// A column: its bars, what it says, and where it leads.
pub(super) struct Column {
    /// The layers from the bottom.
    pub(super) bars: Vec<Bar>,
    /// Where it begins from the left.
    pub(super) x: String,
    /// How wide.
    pub(super) width: String,
    /// What it says in words.
    pub(super) title: String,
    /// Its rows.
    pub(super) href: String,
}

/// A mark under the columns.
pub(super) struct Mark {
    /// Where from the left.
    pub(super) x: String,
    /// What it says.
    pub(super) text: String,
}

/// Columns side by side.
pub(super) struct Columns {
    /// What is drawn, from the left.
    pub(super) all: Vec<Column>,
    /// Marks of time under them.
    pub(super) marks: Vec<Mark>,
    /// How wide the canvas is.
    pub(super) width: u32,
    /// How high.
    pub(super) height: u32,
    /// Where the columns stand.
    pub(super) floor: u32,
}

/// What a column is made of.
pub(super) struct Stack {
    /// Classes and numbers from the bottom.
    pub(super) layers: Vec<(&'static str, u64)>,
    /// What it says in words.
    pub(super) title: String,
    /// Its rows.
    pub(super) href: String,
    /// The mark under it, if one.
    pub(super) mark: Option<String>,
}

/// Columns of stacks on a canvas.
pub(super) fn columns(stacks: Vec<Stack>, width: u32, height: u32) -> Columns {
    let floor = height.saturating_sub(14);
    let sum = |stack: &Stack| stack.layers.iter().map(|(_, number)| number).sum::<u64>();
    let most = stacks.iter().map(sum).max().unwrap_or_default();
    let step = f64::from(width) / stacks.len().max(1) as f64;
    let bar = (step - 1.2).max(0.8);
    let mut columns = Vec::with_capacity(stacks.len());
    let mut marks = Vec::new();
    for (at, stack) in stacks.into_iter().enumerate() {
        let x = at as f64 * step;
        let mut bottom = f64::from(floor);
        let mut bars = Vec::new();
        for (class, number) in stack.layers {
            if number == 0 {
                continue;
            }
            // What is there is seen, however little it is beside the most.
            let high = (number as f64 / most.max(1) as f64 * f64::from(floor - 2)).max(1.0);
            bottom -= high;
            bars.push(Bar {
                class,
                x: place(x),
                y: place(bottom.max(0.0)),
                width: place(bar),
                height: place(high),
            });
        }
        if let Some(text) = stack.mark {
            marks.push(Mark { x: place(x), text });
        }
        let (title, href) = (stack.title, stack.href);
        columns.push(Column { bars, x: place(x), width: place(step), title, href });
    }
    Columns { all: columns, marks, width, height, floor }
}

/// A place on a canvas, to a tenth.
pub(super) fn place(number: f64) -> String {
    let mut text = String::new();
    let _ = write!(text, "{number:.1}");
    if let Some(whole) = text.strip_suffix(".0") {
        return whole.to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(layers: &[(&'static str, u64)]) -> Stack {
        Stack { layers: layers.to_vec(), title: String::new(), href: String::new(), mark: None }
    }

    #[test]
    fn the_highest_column_fills_the_canvas_and_little_is_still_seen() {
        let drawn = columns(vec![stack(&[("a", 1000)]), stack(&[("a", 1)]), stack(&[])], 300, 64);
        assert_eq!(drawn.floor, 50);
        assert_eq!(drawn.all[0].bars[0].height, "48");
        assert_eq!(drawn.all[0].bars[0].y, "2");
        assert_eq!(drawn.all[1].bars[0].height, "1");
        assert!(drawn.all[2].bars.is_empty());
        assert_eq!(drawn.all[1].x, "100");
    }

    #[test]
    fn nothing_is_drawn_without_numbers() {
        let drawn = columns(Vec::new(), 300, 64);
        assert!(drawn.all.is_empty());
        assert!(columns(vec![stack(&[("a", 0)])], 300, 64).all[0].bars.is_empty());
    }
}
