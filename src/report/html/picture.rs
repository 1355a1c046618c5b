//! What all pictures share: their width, the colours of the page, and a name.

use kuva::render::theme::Theme;
use maud::html;

/// Wide enough for a phone, so that letters are as large as those beside them.
pub(crate) const WIDTH: f64 = 420.0;

/// What the name of a clipped region begins with, before a number that the process counts.
const COUNTED: &str = "kuva-clip-";

/// The colours of the page.
pub(crate) fn theme() -> Theme {
    let ink = || "currentColor".to_owned();
    Theme {
        background: "none".to_owned(),
        axis_color: ink(),
        grid_color: "var(--line)".to_owned(),
        tick_color: ink(),
        text_color: ink(),
        legend_bg: "none".to_owned(),
        legend_border: "none".to_owned(),
        font_family: Some("inherit".to_owned()),
        ..Theme::light()
    }
}

/// The picture with a name for those who do not see it, as wide as there is room; what it refers to inside is called by `id`,
/// and not by how many pictures the process has drawn.
pub(crate) fn named(svg: &str, id: &str, name: &str) -> String {
    let number = |attribute: &str| {
        let (_, after) = svg.split_once(&format!(" {attribute}=\""))?;
        after.split('"').next()?.parse::<f64>().ok()
    };
    let (width, height) = (
        number("width").unwrap_or(WIDTH),
        number("height").unwrap_or(WIDTH),
    );
    let name = html! { (name) }.into_string();
    let head = format!("<svg role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {width} {height}\" ");
    let mut svg = svg.replacen("<svg ", &head, 1);
    if let Some((_, after)) = svg.split_once(COUNTED) {
        let number: String = after.chars().take_while(char::is_ascii_digit).collect();
        svg = svg.replace(&format!("{COUNTED}{number}"), id);
    }
    svg
}
