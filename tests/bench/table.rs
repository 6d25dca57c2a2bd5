//! Figures beside their bars, and whether they are met.

use std::fmt;

/// What a figure is held to.
#[derive(Clone, Copy)]
pub enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// It is told for what it is worth.
    None,
}

struct Row {
    what: String,
    figure: f64,
    unit: &'static str,
    bar: Bar,
    note: String,
}

/// All of them.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub fn row(&mut self, what: impl Into<String>, figure: f64, unit: &'static str, bar: Bar) {
        self.noted(what, figure, unit, bar, String::new());
    }

    pub fn noted(
        &mut self,
        what: impl Into<String>,
        figure: f64,
        unit: &'static str,
        bar: Bar,
        note: String,
    ) {
        let row = Row {
            what: what.into(),
            figure,
            unit,
            bar,
            note,
        };
        // A long run is followed as it goes.
        println!("{row}");
        self.rows.push(row);
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bar, verdict) = match self.bar {
            Bar::AtMost(most) if self.figure <= most => (format!("<= {most}"), "met".to_owned()),
            Bar::AtMost(most) if most > 0.0 => {
                let times = self.figure / most;
                (format!("<= {most}"), format!("MISSED, {times:.1} times"))
            }
            Bar::AtMost(most) => (format!("<= {most}"), "MISSED".to_owned()),
            Bar::AtLeast(least) if self.figure >= least => {
                (format!(">= {least}"), "met".to_owned())
            }
            Bar::AtLeast(least) => (format!(">= {least}"), "MISSED".to_owned()),
            Bar::None => (String::new(), String::new()),
        };
        let Self {
            what, figure, unit, ..
        } = self;
        write!(f, "{what:<58} {figure:>10.2} {unit:<7} {bar:>8}  {verdict}")?;
        if !self.note.is_empty() {
            write!(f, "  ({})", self.note)?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        Ok(())
    }
}
