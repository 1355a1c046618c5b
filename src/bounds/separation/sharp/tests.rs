use super::*;
use std::f64::consts::PI;

/// `Λ_{q/2−1}` by closed forms in dimensions 1 and 3, and by Poisson's integral in 2.
fn lambda(q: usize, x: f64) -> f64 {
    match q {
        1 => x.cos(),
        2 => {
            (0..200)
                .map(|i| (x * (PI * (f64::from(i) + 0.5) / 200.0).cos()).cos())
                .sum::<f64>()
                / 200.0
        }
        _ if x == 0.0 => 1.0,
        _ => x.sin() / x,
    }
}

/// `j` and `j_2`: closed forms, and published zeros of `J_0`.
fn zeros(q: usize) -> (f64, f64) {
    match q {
        1 => (0.5 * PI, 1.5 * PI),
        2 => (2.404_825_557_695_773, 5.520_078_110_286_311),
        _ => (PI, 2.0 * PI),
    }
}

/// The formula of the theory as it stands: the supremum over `r` of a grid of the infimum over
/// `ω` of a grid. The second is too large by a little, the first too small.
fn brute_force(log_density: &dyn Fn(f64) -> f64, q: usize, delta: f64) -> f64 {
    let (j, j2) = zeros(q);
    let half_gamma = [PI.sqrt(), 1.0, 0.5 * PI.sqrt()][q - 1];
    let dimension = q as f64;
    let cells = 4000;
    let table: Vec<(f64, f64)> = (0..cells)
        .map(|i| {
            // Never at j itself, where H is 0/0.
            let x = j2 * (f64::from(i) + 0.137) / f64::from(cells);
            let h = lambda(q, x) / (1.0 - (x / j).powi(2));
            (x, log_density(2.0 * x / delta) - 2.0 * h.abs().ln())
        })
        .collect();
    (1..=400)
        .map(|k| {
            // Dense near j, where the best r is for small δ.
            let reach = j + (j2 - j) * (f64::from(k) / 400.0).powi(3);
            let least = table
                .iter()
                .take_while(|(x, _)| *x < reach)
                .map(|(x, log)| log - (1.0 - (x / reach).powi(2)).ln())
                .fold(f64::INFINITY, f64::min);
            ((1.5 * dimension - 2.0).exp2() * half_gamma * j * j).ln() - dimension * delta.ln()
                + (1.0 - (j / reach).powi(2)).ln()
                + least
        })
        .fold(f64::NEG_INFINITY, f64::max)
}

type LogDensity = Box<dyn Fn(f64) -> f64>;

/// Kernels by name, with `ln ψ̂` in dimension `q` by hand.
fn log_densities(q: usize) -> Vec<(&'static str, LogDensity)> {
    let dimension = q as f64;
    // Γ(ν + q/2)/Γ(ν) for ν = 1/2 and 5/2.
    let half = [1.0 / PI.sqrt(), 0.5, 1.0 / PI.sqrt()][q - 1];
    let five = [2.0 / (0.75 * PI.sqrt()), 2.5, 6.0 / (0.75 * PI.sqrt())][q - 1];
    let matern = move |nu: f64, constant: f64| {
        move |w: f64| {
            constant.ln()
                - 0.5 * dimension * nu.ln()
                - (nu + 0.5 * dimension) * (1.0 + w * w / (2.0 * nu)).ln()
        }
    };
    vec![
        ("gaussian:1", Box::new(|w: f64| -0.5 * w * w)),
        ("matern12:1", Box::new(matern(0.5, half))),
        ("matern52:1", Box::new(matern(2.5, five))),
    ]
}

#[test]
fn closed_form_is_the_supremum_of_the_theory() {
    for q in 1..=3usize {
        for (name, log_density) in log_densities(q) {
            let kernel: KernelSpec = name.parse().unwrap();
            let best = DirichletBall::new(q).best_ratio();
            for delta in [0.2, 0.5, 1.0, 2.0, 2.6, 0.999 * best] {
                let (bound, radius) = sharp(&kernel, q, delta);
                let expected = brute_force(&log_density, q, delta);
                // The grid of r costs a second-order effect, below 3e-3. That of ω costs up to f''h²/2 with
                // h = 2j·j2/8000 < 0.005 in y, and f'' = 1/(Y − y₁)² + … about 4σ⁴/δ⁴ for small δ.
                let slack = 3e-3 + 5e-5 / delta.powi(4);
                assert!(
                    (bound.ln() - expected).abs() <= slack,
                    "{name} {q} {delta}: {} {expected}",
                    bound.ln()
                );
                let (j, j2) = zeros(q);
                let reach = 0.5 * radius * delta;
                assert!(
                    reach > j && reach <= j2 * (1.0 + 1e-12),
                    "{name} {q} {delta}"
                );
            }
        }
    }
}

#[test]
fn beyond_the_best_separation_nothing_is_gained_or_lost() {
    let kernel: KernelSpec = "matern32:0.5".parse().unwrap();
    for q in [1usize, 2, 5, 20] {
        let peak = 0.5 * DirichletBall::new(q).best_ratio();
        let (top, radius) = sharp(&kernel, q, peak);
        let (beyond, same) = sharp(&kernel, q, 10.0 * peak);
        // Equal up to the rounding of the ratio.
        assert!((top.ln() - beyond.ln()).abs() < 1e-11, "{q}");
        assert!((radius / same - 1.0).abs() < 1e-11, "{q}");
        let before = sharp(&kernel, q, 0.99 * peak).0;
        assert!(before < top, "{q}");
        // At the peak the derivative vanishes: a step of h costs order h².
        let near = sharp(&kernel, q, 0.999 * peak).0;
        assert!(
            top.ln() - near.ln() < 0.05 * (top.ln() - before.ln()),
            "{q}"
        );
    }
}

#[test]
fn both_branches_meet() {
    // Gaussian, q = 1: 1/(y₂−y₁) = 2/s² − 1/(2y₁) with y₁ = π²/4, y₂ = 9π²/4, so s² = 4π²/5.
    let kernel: KernelSpec = "gaussian:1".parse().unwrap();
    let switch = (0.8 * PI * PI).sqrt();
    let at = |s: f64| sharp(&kernel, 1, s);
    let (left, right) = (at(switch * (1.0 - 1e-9)), at(switch * (1.0 + 1e-9)));
    assert!(
        (left.0.ln() - right.0.ln()).abs() < 1e-7,
        "{left:?} {right:?}"
    );
    assert!((left.1 * switch / (3.0 * PI) - 1.0).abs() < 1e-7);
    assert!((right.1 * switch / (3.0 * PI) - 1.0).abs() < 1e-7);
    // Closed form on the left: 2√(2π)e^{−π²/2s²}/s.
    let exact = (2.0 * (2.0 * PI).sqrt() / switch).ln() - 0.5 * (PI / switch).powi(2);
    assert!((left.0.ln() - exact).abs() < 1e-8);
}

#[test]
fn matern_of_a_high_dimension_uses_the_end_of_the_range() {
    // ν < y₁/(y₂ − y₁): the best Y is beyond y₂ for every δ.
    let kernel: KernelSpec = "matern12:1".parse().unwrap();
    for q in [6usize, 64] {
        let ball = DirichletBall::new(q);
        for delta in [1e-3, 0.1] {
            let (bound, radius) = sharp(&kernel, q, delta);
            let reach = 0.5 * radius * delta;
            assert!((reach.powi(2) / ball.squares[1].mid() - 1.0).abs() < 1e-9);
            assert!(bound > LogBound::NOTHING);
        }
        // ψ̂δ^{−q} ~ δ^{2ν}: one decade a decade for ν = 1/2, in the limit.
        let fall = sharp(&kernel, q, 1e-3).0.log10() - sharp(&kernel, q, 1e-4).0.log10();
        assert!((fall - 1.0).abs() < 1e-3, "{q}: {fall}");
    }
}

#[test]
fn dimension_of_images() {
    // Certified and not vacuous in dimension 74, where the power series of J would have lost 7 digits.
    let kernel: KernelSpec = "gaussian:1".parse().unwrap();
    let ball = DirichletBall::new(74);
    let (bound, _) = sharp(&kernel, 74, 3.0);
    // 2^{q/2+2}j^{q−2}δ^{−q}ψ̂(2j/δ)/(Γ(q/2)J_{q/2}(j)²) is the same number; its logarithm by Stirling-free
    // sums: J_{q/2}(j) = (j/2)^{q/2}Λ_{q/2}(j)/Γ(q/2+1).
    let j = ball.first.mid();
    let q = 74.0;
    let log_gamma = |n: i32| (1..n).map(|k| f64::from(k).ln()).sum::<f64>();
    let next = bessel(36.0, j).next.mid();
    let log_j = 0.5 * q * (0.5 * j).ln() + next.ln() - log_gamma(38);
    let exact = (0.5 * q + 2.0) * 2.0_f64.ln() + (q - 2.0) * j.ln()
        - q * 3.0_f64.ln()
        - 2.0 * (j / 3.0).powi(2)
        - log_gamma(37)
        - 2.0 * log_j;
    assert!(
        bound.ln() <= exact + 1e-9 && bound.ln() >= exact - 1e-5,
        "{} {exact}",
        bound.ln()
    );
}

#[test]
fn no_distance_no_bound() {
    let kernel: KernelSpec = "gaussian:1".parse().unwrap();
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(sharp(&kernel, 2, delta).0, LogBound::NOTHING);
    }
}

#[test]
fn the_minimum_is_that_of_a_grid() {
    let mut fallen = 0;
    for q in 1..=3usize {
        let ball = DirichletBall::new(q);
        let (j, _) = zeros(q);
        for (name, log_density) in log_densities(q) {
            // Wide kernels decrease fast, narrow ones hardly: the end of the range either way.
            for ratio in [0.7_f64, 2.0, 6.0] {
                let minorant = Minorant {
                    kernel: name.parse().unwrap(),
                    ratio: Ball::from(ratio),
                    ball: &ball,
                };
                for share in [1.05, 1.5, 4.0] {
                    let (y1, reach) = (j * j, share * j * j);
                    let f = |y: f64| {
                        let x = y.sqrt();
                        let h = lambda(q, x) / (1.0 - y / y1);
                        log_density(2.0 * x / ratio) - (1.0 - y / reach).ln() - 2.0 * h.abs().ln()
                    };
                    let decay =
                        -minorant.log_density(ball.first).1 - Ball::from(q as f64 / (2.0 * y1));
                    // Up to y₁, where H is 0/0; beyond, where it falls further.
                    let falls = 1.0 / (reach - y1) < decay.mid();
                    let (cells, end) = (2000, if falls { reach } else { y1 });
                    let grid = (0..cells).map(|i| end * (f64::from(i) + 0.137) / f64::from(cells));
                    let values: Vec<f64> = grid.map(f).collect();
                    let exact = values.iter().copied().fold(f64::INFINITY, f64::min);
                    let found = minorant.minimum(Ball::from(reach), decay);
                    if falls {
                        fallen += 1;
                        assert!(found.lower() <= exact, "{name} {q} {ratio} {share}");
                        continue;
                    }
                    // Between two points of the grid f'' ≤ 4/(reach − y₁)² + 16/ratio⁴ matters little; the last
                    // point of the grid, and the end of the search, are 10⁻³ of the range before y₁.
                    let slope = (values[cells as usize - 1] - values[cells as usize - 2]).abs();
                    let slack = 2.0 * slope + 1e-5;
                    assert!(
                        found.lower() <= exact + 1e-12 && found.lower() >= exact - slack,
                        "{name} {q} {ratio} {share}: {found:?} {exact} {slack}"
                    );
                }
            }
        }
    }
    assert!(fallen > 20, "{fallen}");
}

#[test]
fn the_reach_of_a_gaussian_in_closed_form() {
    let kernel: KernelSpec = "gaussian:1".parse().unwrap();
    for q in 1..=3usize {
        let y1 = zeros(q).0.powi(2);
        for delta in [0.3_f64, 0.8] {
            // ln ψ̂ = −ω²/2 = −2y/δ².
            let decay = 2.0 / (delta * delta) - q as f64 / (2.0 * y1);
            let reach = (y1 + 1.0 / decay).sqrt();
            let (_, radius) = sharp(&kernel, q, delta);
            assert!(
                (0.5 * radius * delta / reach - 1.0).abs() < 1e-9,
                "{q} {delta}"
            );
        }
    }
}
