//! Gradient-boosted trees, as trained by `training/train.py`: whole numbers in, a whole number out.
//!
//! A tree asks at each node whether a feature is at most a threshold and ends at a leaf; the score of a
//! candidate is the sum of its leaves, in units of 1/4096 of a logit. Features, thresholds and leaves are
//! integers, so that every machine gives the same score.

/// Leaves are in units of one logit divided by this.
pub const LOGIT: i32 = 4096;

/// So many trees tell whether the others are worth asking.
const EARLY: usize = 12;

/// Why a model cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The features are others than those that this program computes.
    #[error("the model was trained on other features than this program computes; train it again")]
    Features,
    /// A part is missing or is not what it should be.
    #[error("the model has no part [{0}] that can be read; train it again")]
    Part(String),
    /// A line is not what it should be.
    #[error("line {0} of the model cannot be read; train it again")]
    Malformed(usize),
}

#[derive(Clone, Copy, Debug)]
struct Node {
    threshold: i32,
    feature: u16,
    /// Two nodes, or leaves where negative: -1 is leaf 0.
    next: [i16; 2],
}

#[derive(Clone, Copy, Debug)]
struct Tree {
    nodes: u32,
    leaves: u32,
}

/// A sum of trees.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    nodes: Vec<Node>,
    leaves: Vec<i32>,
    starts: Vec<Tree>,
}

impl Trees {
    /// Reads a model: a line with the names of the features, then for each tree the line `tree`, a line for
    /// each node (feature, threshold, left, right) and a line of leaves.
    pub fn parse(text: &str, features: &[&str]) -> Result<Self, ModelError> {
        let mut lines = (1..).zip(text.lines());
        let names = lines.next().map_or("", |(_, line)| line);
        if !names.split(' ').eq(features.iter().copied()) {
            return Err(ModelError::Features);
        }
        let mut model = Self {
            nodes: Vec::new(),
            leaves: Vec::new(),
            starts: Vec::new(),
        };
        for (number, line) in lines {
            model
                .read_line(line, features.len())
                .ok_or(ModelError::Malformed(number))?;
        }
        if model.are_closed() {
            Ok(model)
        } else {
            Err(ModelError::Malformed(text.lines().count()))
        }
    }

    fn read_line(&mut self, line: &str, features: usize) -> Option<()> {
        let mut words = line.split(' ');
        match words.next()? {
            "tree" => self.starts.push(Tree {
                nodes: u32::try_from(self.nodes.len()).ok()?,
                leaves: u32::try_from(self.leaves.len()).ok()?,
            }),
            "leaves" => {
                for word in words {
                    self.leaves.push(word.parse().ok()?);
                }
            }
            feature => {
                let feature: u16 = feature
                    .parse()
                    .ok()
                    .filter(|&feature| usize::from(feature) < features)?;
                let threshold = words.next()?.parse().ok()?;
                let next = [words.next()?.parse().ok()?, words.next()?.parse().ok()?];
                self.nodes.push(Node {
                    threshold,
                    feature,
                    next,
                });
            }
        }
        Some(())
    }

    /// Whether every node leads on to a later node or a leaf of its own tree.
    fn are_closed(&self) -> bool {
        self.starts.iter().enumerate().all(|(at, tree)| {
            let next = self.starts.get(at + 1);
            let nodes = next.map_or(self.nodes.len(), |next| next.nodes as usize) - tree.nodes as usize;
            let leaves = next.map_or(self.leaves.len(), |next| next.leaves as usize) - tree.leaves as usize;
            let own = &self.nodes[tree.nodes as usize..tree.nodes as usize + nodes];
            nodes > 0
                && leaves > 0
                && own.iter().enumerate().all(|(at, node)| {
                    node.next.iter().all(|&next| match usize::try_from(next) {
                        Ok(next) => next > at && next < nodes,
                        Err(_) => usize::from(next.unsigned_abs()) <= leaves,
                    })
                })
        })
    }

    /// The score of a candidate with these features, in units of 1/4096 of a logit.
    pub fn score(&self, features: &[i32]) -> i32 {
        self.starts.iter().map(|tree| self.leaf(*tree, features)).sum()
    }

    /// The score, or what the first [`EARLY`] trees make of it where that is below `least`.
    pub fn score_unless_below(&self, features: &[i32], least: i32) -> i32 {
        let (early, rest) = self.starts.split_at(EARLY.min(self.starts.len()));
        let first: i32 = early.iter().map(|tree| self.leaf(*tree, features)).sum();
        if first < least {
            return first;
        }
        first + rest.iter().map(|tree| self.leaf(*tree, features)).sum::<i32>()
    }

    fn leaf(&self, tree: Tree, features: &[i32]) -> i32 {
        let nodes = &self.nodes[tree.nodes as usize..];
        let mut at = 0_i16;
        while let Ok(node) = usize::try_from(at) {
            let node = &nodes[node];
            at = node.next[usize::from(features[usize::from(node.feature)] > node.threshold)];
        }
        self.leaves[tree.leaves as usize + usize::from(at.unsigned_abs()) - 1]
    }
}
